using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads <c>{"metadata":{"resourceVersion":"1"},"items":[{...},...]}</c> item by item: memory holds the JSON of one item at a time, and
/// an item that is malformed or too long does not affect the others.
/// </summary>
/// <remarks>Not thread-safe. The creator of the pipe reader completes it.</remarks>
internal sealed class ListReader(PipeReader reader, int maxItemBytes)
{
    private JsonReaderState _state;
    private string _property = "";
    private bool _isInItems;
    private bool _hasEnded;
    private JsonValueSkipper? _skipped;

    /// <summary>Number of items that were too long.</summary>
    public int TooLongCount { get; private set; }

    /// <summary>The list's resource version; null if the list has none.</summary>
    public string? ResourceVersion { get; private set; }

    /// <summary>Reads the whole list.</summary>
    /// <param name="add">Receives the JSON of each item; valid only during the call.</param>
    /// <param name="stopping">Cancels reading.</param>
    /// <exception cref="JsonException">The text is not a list or is cut off, or something other than an item is too long.</exception>
    public async Task ReadAsync(Action<ReadOnlySequence<byte>> add, CancellationToken stopping)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(stopping);
            SequencePosition consumed = Skip(result.Buffer);
            consumed = _skipped is null ? Process(result.Buffer.Slice(consumed), result.IsCompleted, add) : consumed;
            if (result.Buffer.Slice(consumed).Length > maxItemBytes)
            {
                if (!_isInItems)
                {
                    throw new JsonException($"the list has a {_property} that is longer than {maxItemBytes} bytes");
                }

                TooLongCount++;
                _skipped = new JsonValueSkipper();
                consumed = Skip(result.Buffer.Slice(BeginSkipped(result.Buffer.Slice(consumed))));
            }

            reader.AdvanceTo(consumed, result.Buffer.End);
            if (result.IsCompleted)
            {
                if (!_hasEnded)
                {
                    throw new JsonException("the list is cut off");
                }

                return;
            }
        }
    }

    /// <summary>Skips the rest of an item that is too long, up to the end of the buffer.</summary>
    private SequencePosition Skip(ReadOnlySequence<byte> buffer)
    {
        SequencePosition end = _skipped?.Skip(buffer) ?? buffer.Start;
        _skipped = _skipped is { HasEnded: true } ? null : _skipped;
        return end;
    }

    /// <summary>Gives the JSON reader a <c>null</c> instead of the item, so that it can resume after the item.</summary>
    private SequencePosition BeginSkipped(ReadOnlySequence<byte> buffer)
    {
        var bytes = new SequenceReader<byte>(buffer);
        bytes.AdvancePastAny(" \t\r\n,"u8);
        byte[] replacement = [.. buffer.Slice(0, bytes.Position).ToArray(), .. "null"u8];
        var json = new Utf8JsonReader(replacement, isFinalBlock: false, _state);
        json.Read();
        _state = json.CurrentState;
        return bytes.Position;
    }

    private SequencePosition Process(ReadOnlySequence<byte> buffer, bool isLast, Action<ReadOnlySequence<byte>> add)
    {
        var json = new Utf8JsonReader(buffer, isLast && !_hasEnded, _state);
        while (!_hasEnded)
        {
            // Return to this state if the buffer ends within the value.
            Utf8JsonReader before = json;
            if (!TryReadOne(ref json, buffer, add))
            {
                json = before;
                break;
            }
        }

        _state = json.CurrentState;
        return _hasEnded ? buffer.End : json.Position;
    }

    /// <summary>Reads a property's name, a property's value or an item.</summary>
    private bool TryReadOne(ref Utf8JsonReader json, ReadOnlySequence<byte> buffer, Action<ReadOnlySequence<byte>> add)
    {
        if (!json.Read())
        {
            return false;
        }

        if (_isInItems)
        {
            if (json.TokenType == JsonTokenType.EndArray)
            {
                _isInItems = false;
                return true;
            }

            if (TryRead(ref json, buffer) is not { } item)
            {
                return false;
            }

            add(item);
            return true;
        }

        switch (json.TokenType)
        {
            case JsonTokenType.StartObject when json.CurrentDepth == 0:
                return true;
            case JsonTokenType.EndObject:
                _hasEnded = true;
                return true;
            case JsonTokenType.PropertyName:
                _property = json.GetString()!;
                return true;
            case JsonTokenType.StartArray when _property == "items":
                _isInItems = true;
                return true;
        }

        if (_property.Length == 0)
        {
            throw new JsonException("the response is not a JSON object");
        }

        if (TryRead(ref json, buffer) is not { } value)
        {
            return false;
        }

        if (_property == "metadata")
        {
            ResourceVersion = ReadResourceVersion(value);
        }

        return true;
    }

    private static ReadOnlySequence<byte>? TryRead(ref Utf8JsonReader json, ReadOnlySequence<byte> buffer)
    {
        long start = json.TokenStartIndex;
        return json.TrySkip() ? buffer.Slice(start, json.BytesConsumed - start) : null;
    }

    private static string? ReadResourceVersion(ReadOnlySequence<byte> metadata)
    {
        var json = new Utf8JsonReader(metadata);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isVersion = json.ValueTextEquals("resourceVersion"u8);
            json.Read();
            if (isVersion && json.TokenType == JsonTokenType.String)
            {
                return json.GetString();
            }

            json.Skip();
        }

        return null;
    }
}
