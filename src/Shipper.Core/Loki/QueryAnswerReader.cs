using System.Buffers.Text;
using System.Text.Json;

namespace Shipper.Loki;

/// <summary>
/// Reads the response to a log query piece by piece, so that its size does not matter:
/// <code>
/// {"status":"success","data":{"resultType":"streams","result":[{"stream":{"NAME":"VALUE",…},"values":[["NANOSECONDS","LINE"],…]},…],…}}
/// </code>
/// Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time.
/// </summary>
/// <remarks>One instance per response; not thread-safe.</remarks>
/// <param name="visitor">Receives the entries; null to only count them.</param>
/// <param name="maxLineBytes">The longest line that an entry may have. A longer line was never sent, so it is garbage and is not kept.</param>
internal sealed class QueryAnswerReader(IEntryVisitor? visitor, int maxLineBytes)
{
    // Depths of the tokens: the object, data, result, an element, its stream or values, one value.
    private const int DataDepth = 1;
    private const int ResultDepth = 2;
    private const int PartDepth = 4;
    private const int ValueDepth = 6;

    private const int InitialBytes = 64 * 1024;

    /// <summary>An escaped byte takes at most this many: <c>\u0000</c>.</summary>
    private const int MaxEscapedBytes = 6;

    private readonly int _maxTokenBytes = (maxLineBytes * MaxEscapedBytes) + InitialBytes;
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private byte[] _buffer = new byte[InitialBytes];
    private byte[] _line = [];
    private JsonReaderState _state;
    private string? _dataProperty;
    private string? _part;
    private string? _label;
    private bool _isInData;
    private bool _isInResult;
    private bool _hasStream;
    private int _valueIndex;
    private long _timestampNs;

    /// <summary>Number of entries read so far.</summary>
    public int Entries { get; private set; }

    /// <summary>The newest time of the entries read so far, in nanoseconds since 1970; <see cref="long.MinValue"/> if there are none.</summary>
    public long NewestNs { get; private set; } = long.MinValue;

    /// <summary>True once the whole list of streams was read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads a whole response.</summary>
    /// <exception cref="JsonException">The response is not that of a query.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    public async Task ReadAsync(Stream answer, CancellationToken stopping)
    {
        int length = 0;
        while (true)
        {
            if (length == _buffer.Length)
            {
                if (length >= _maxTokenBytes)
                {
                    throw new JsonException("a line in the response is too long");
                }

                Array.Resize(ref _buffer, Math.Min(length * 2, _maxTokenBytes));
            }

            int read = await answer.ReadAsync(_buffer.AsMemory(length), stopping);
            length += read;
            int consumed = ReadTokens(_buffer.AsSpan(0, length), isLast: read == 0);
            if (read == 0)
            {
                return;
            }

            _buffer.AsSpan(consumed, length - consumed).CopyTo(_buffer);
            length -= consumed;
        }
    }

    private int ReadTokens(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var json = new Utf8JsonReader(bytes, isLast, _state);
        while (json.Read())
        {
            ReadToken(ref json);
        }

        _state = json.CurrentState;
        return (int)json.BytesConsumed;
    }

    private void ReadToken(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.PropertyName when json.CurrentDepth == DataDepth:
                _isInData = json.ValueTextEquals("data"u8);
                break;
            case JsonTokenType.PropertyName when _isInData && json.CurrentDepth == ResultDepth:
                _dataProperty = json.GetString();
                break;
            case JsonTokenType.StartArray when _isInData && json.CurrentDepth == ResultDepth:
                _isInResult = _dataProperty == "result";
                break;
            case JsonTokenType.EndArray when json.CurrentDepth == ResultDepth:
                IsComplete |= _isInResult;
                _isInResult = false;
                break;
            default:
                if (_isInResult)
                {
                    ReadResultToken(ref json);
                }

                break;
        }
    }

    private void ReadResultToken(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when json.CurrentDepth == PartDepth - 1:
                _part = null;
                _hasStream = false;
                break;
            case JsonTokenType.PropertyName when json.CurrentDepth == PartDepth:
                _part = json.GetString();
                _labels.Clear();
                break;
            case JsonTokenType.PropertyName when _part == "stream":
                _label = json.GetString();
                break;
            case JsonTokenType.String when _part == "stream" && _label is not null:
                _labels[_label] = json.GetString()!;
                break;
            case JsonTokenType.EndObject when json.CurrentDepth == PartDepth && _part == "stream":
                visitor?.BeginStream(_labels);
                _hasStream = true;
                break;
            case JsonTokenType.StartArray when json.CurrentDepth == ValueDepth - 1:
                _valueIndex = 0;
                break;
            case JsonTokenType.String when _part == "values" && json.CurrentDepth == ValueDepth:
                ReadValue(ref json);
                break;
        }
    }

    private void ReadValue(ref Utf8JsonReader json)
    {
        if (!_hasStream)
        {
            // Otherwise the entry would count as one of the previous stream.
            throw new JsonException("an entry of the response has no stream");
        }

        if (_valueIndex++ == 0)
        {
            if (!Utf8Parser.TryParse(json.ValueSpan, out _timestampNs, out int consumed) || consumed != json.ValueSpan.Length)
            {
                throw new JsonException("the time of an entry is not a number");
            }

            return;
        }

        if (_valueIndex > 2)
        {
            return;
        }

        Entries++;
        NewestNs = Math.Max(NewestNs, _timestampNs);
        if (!json.ValueIsEscaped)
        {
            visitor?.Visit(_timestampNs, json.ValueSpan);
            return;
        }

        if (_line.Length < json.ValueSpan.Length)
        {
            _line = new byte[json.ValueSpan.Length];
        }

        visitor?.Visit(_timestampNs, _line.AsSpan(0, json.CopyString(_line)));
    }
}
