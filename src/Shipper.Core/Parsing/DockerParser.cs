using System.Text.Json;
using Shipper.Records;

namespace Shipper.Parsing;

/// <summary>
/// Parses lines of docker's json-file driver: <c>{"log":"text\n","stream":"stdout","time":"2026-…Z"}</c>. A text without the final newline continues in the
/// output's next line. Other members (<c>attrs</c>) are skipped.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance. The scratch buffer is allocated with the first such line.</remarks>
/// <param name="maxLineBytes">Length of the longest line that will be parsed.</param>
internal sealed class DockerParser(TimestampParser timestamps, int maxLineBytes)
{
    private byte[] _text = [];

    /// <summary>The first bytes of a record: docker writes the text first. In a string of a valid record these quotes would be escaped.</summary>
    public static ReadOnlySpan<byte> Start => "{\"log\":\""u8;

    /// <summary>The last bytes of a record: docker writes the time last.</summary>
    public static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>Parses one line.</summary>
    /// <returns>False if the line is not an object with the three members as docker writes them.</returns>
    public bool TryParse(ReadOnlySpan<byte> text, out LogLine line)
    {
        line = default;
        if (text.IsEmpty || text[0] != '{' || text.Length > maxLineBytes)
        {
            return false;
        }

        if (_text.Length == 0)
        {
            _text = GC.AllocateUninitializedArray<byte>(maxLineBytes);
        }

        try
        {
            return TryRead(new Utf8JsonReader(text), out line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The line is not JSON, or has an escaped lone surrogate: treat it as plain text.
            return false;
        }
    }

    private bool TryRead(Utf8JsonReader reader, out LogLine line)
    {
        line = default;
        int length = -1;
        LogOutput? output = null;
        long timestampNs = -1;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("log"u8))
            {
                reader.Read();
                length = reader.CopyString(_text);
            }
            else if (reader.ValueTextEquals("stream"u8))
            {
                reader.Read();
                output = reader.ValueTextEquals("stdout"u8) ? LogOutput.Stdout
                    : reader.ValueTextEquals("stderr"u8) ? LogOutput.Stderr : null;
            }
            else if (reader.ValueTextEquals("time"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String
                    || !timestamps.TryParse(reader.ValueSpan, out timestampNs, out int timestampLength)
                    || timestampLength != reader.ValueSpan.Length)
                {
                    return false;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        // The reader throws if anything but white space follows.
        if (length < 0 || output is null || timestampNs < 0 || reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            return false;
        }

        bool isPartial = length == 0 || _text[length - 1] != '\n';
        line = new LogLine(timestampNs, output.Value, isPartial, _text.AsSpan(0, isPartial ? length : length - 1));
        return true;
    }
}
