using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Shipper.Records;
using Shipper.Taps;

namespace Shipper.Http;

/// <summary>Writes what a tap shows as server-sent events.</summary>
internal sealed class TapEvents(Tap tap, TimeProvider time)
{
    /// <summary>Records are written together if they come within this time: a write for each of a thousand records a second would cost more than the records.</summary>
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How often something is written to a client if there are no records, so that a broken connection is noticed.</summary>
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Writes events until the client goes.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or the program stops.</exception>
    public async Task WriteAsync(Stream body, CancellationToken stopping)
    {
        // The client learns at once that its query is accepted.
        await FlushAsync(body, ": open\n\n"u8, stopping);
        while (await WaitAsync(stopping))
        {
            while (tap.Records.TryRead(out TapRecord? record))
            {
                Write(record);
            }

            if (tap.TakeSkipped() is > 0 and var skipped)
            {
                Write($"event: skipped\ndata: {{\"records\":{skipped.ToString(CultureInfo.InvariantCulture)}}}\n\n");
            }

            await FlushAsync(body, _buffer.WrittenCount == 0 ? ": keep-alive\n\n"u8 : [], stopping);
            await Task.Delay(FlushInterval, time, stopping);
        }
    }

    /// <summary>Waits for a record, or until something must be written anyway.</summary>
    private async Task<bool> WaitAsync(CancellationToken stopping)
    {
        try
        {
            return await tap.Records.WaitToReadAsync(stopping).AsTask().WaitAsync(KeepAliveInterval, time, stopping);
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private Task FlushAsync(Stream body, ReadOnlySpan<byte> text, CancellationToken stopping)
    {
        _buffer.Write(text);
        return FlushAsync();

        async Task FlushAsync()
        {
            await body.WriteAsync(_buffer.WrittenMemory, stopping);
            await body.FlushAsync(stopping);
            _buffer.Clear();
        }
    }

    private void Write(string text) => _buffer.Write(System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(TapRecord record)
    {
        _buffer.Write("event: record\ndata: "u8);
        using (var json = new Utf8JsonWriter(_buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", FormatTime(record.TimestampNs));
            json.WriteString("stage", record.Stage.ToString().ToLowerInvariant());
            WritePairs(json, "labels", record.Labels);
            WritePairs(json, "metadata", record.Metadata);
            json.WriteString("line", record.Line);
            json.WriteNumber("lineBytes", record.LineBytes);
            json.WriteString("rule", record.Rule);
            json.WriteString("limit", record.Limit);
            json.WriteString("reason", record.Reason);
            json.WriteStartArray("changes");
            foreach (TapChange change in record.Changes)
            {
                json.WriteStartObject();
                json.WriteString("stage", change.Stage);
                json.WriteString("line", change.Line);
                WritePairs(json, "metadata", change.Metadata);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        _buffer.Write("\n\n"u8);
    }

    /// <summary>Two pairs of metadata may have the same name: the last one counts, as in Loki.</summary>
    private static void WritePairs(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartObject(name);
        foreach (IGrouping<string, KeyValuePair<string, string>> same in pairs.GroupBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(same.Key, same.Last().Value);
        }

        json.WriteEndObject();
    }

    private static string FormatTime(long timestampNs)
    {
        const long PerSecond = 1_000_000_000;
        return string.Create(CultureInfo.InvariantCulture, $"{UnixTime.ToDateTime(timestampNs):yyyy-MM-dd'T'HH:mm:ss}.{((timestampNs % PerSecond) + PerSecond) % PerSecond:000000000}Z");
    }
}
