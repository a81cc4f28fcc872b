using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Shipper.Taps;

namespace Shipper.Http;

/// <summary>Writes what a tap shows as server-sent events: <c>record</c>, and <c>skipped</c> for records that were not shown.</summary>
internal sealed class TapEvents(TimeProvider time)
{
    // Each flush is a packet, so records wait for each other.
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(100);

    // How soon skipped records are reported if no other record comes.
    private static readonly TimeSpan SkippedInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    // A large burst is written in parts, so that the buffer stays small.
    private const int MaxBufferedBytes = 64 * 1024;

    // The events are no HTML, and text stays readable. Newlines are always escaped, so an event is one line.
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Writes events until the tap is closed. One call for each instance.</summary>
    /// <param name="body">The body of the response.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled, for example because the client has gone.</exception>
    public async Task WriteAsync(Tap tap, Stream body, CancellationToken stopping)
    {
        // At once, so that the client knows that the tap is open.
        _buffer.Write(": keep-alive\n\n"u8);
        await FlushAsync(body, stopping);
        long written = time.GetTimestamp();
        Task<bool> next = tap.WaitToReadAsync(stopping).AsTask();
        Task tick = Task.Delay(SkippedInterval, time, stopping);
        bool isOpen = true;
        while (isOpen)
        {
            await Task.WhenAny(next, tick);
            if (next.IsCompleted)
            {
                isOpen = await next;
                while (tap.TryRead(out TapRecord? record))
                {
                    WriteRecord(_buffer, record);
                    if (_buffer.WrittenCount >= MaxBufferedBytes)
                    {
                        await FlushAsync(body, stopping);
                        written = time.GetTimestamp();
                    }
                }
            }

            WriteSkipped(tap.TakeSkipped());
            if (_buffer.WrittenCount == 0 && time.GetElapsedTime(written) >= KeepAliveInterval)
            {
                _buffer.Write(": keep-alive\n\n"u8);
            }

            if (_buffer.WrittenCount > 0)
            {
                await FlushAsync(body, stopping);
                written = time.GetTimestamp();
                if (isOpen)
                {
                    await Task.Delay(FlushInterval, time, stopping);
                }
            }

            next = next.IsCompleted && isOpen ? tap.WaitToReadAsync(stopping).AsTask() : next;
            if (tick.IsCompleted)
            {
                await tick;
                tick = Task.Delay(SkippedInterval, time, stopping);
            }
        }
    }

    /// <summary>Writes a record as an event.</summary>
    internal static void WriteRecord(ArrayBufferWriter<byte> target, TapRecord record)
    {
        target.Write("event: record\ndata: "u8);
        using (var json = new Utf8JsonWriter(target, JsonOptions))
        {
            json.WriteStartObject();
            WriteTime(json, record.TimestampNs);
            json.WriteString("stage"u8, record.Stage switch
            {
                TapStage.Read => "read"u8,
                TapStage.Dropped => "dropped"u8,
                _ => "processed"u8,
            });
            WritePairs(json, "labels"u8, record.Labels);
            WritePairs(json, "metadata"u8, record.Metadata);
            json.WriteString("line"u8, record.Line);
            json.WriteNumber("lineBytes"u8, record.LineBytes);
            json.WriteString("rule"u8, record.Rule);
            json.WriteString("limit"u8, record.Limit);
            json.WriteString("reason"u8, record.Reason);
            json.WriteStartArray("changes"u8);
            foreach (TapChange change in record.Changes)
            {
                json.WriteStartObject();
                json.WriteString("stage"u8, change.Stage);
                if (change.Line is not null)
                {
                    json.WriteString("line"u8, change.Line);
                }

                if (change.Metadata.Count > 0)
                {
                    WritePairs(json, "metadata"u8, change.Metadata);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        target.Write("\n\n"u8);
    }

    /// <summary>Writes a time with nanoseconds: <c>2026-12-01T13:40:00.123456789Z</c>.</summary>
    private static void WriteTime(Utf8JsonWriter json, long timestampNs)
    {
        const int Length = 30;
        const long NsPerSecond = 1_000_000_000;
        Span<byte> text = stackalloc byte[Length];
        (long seconds, long ns) = Math.DivRem(timestampNs, NsPerSecond);
        (seconds, ns) = ns < 0 ? (seconds - 1, ns + NsPerSecond) : (seconds, ns);
        _ = DateTime.UnixEpoch.AddSeconds(seconds).TryFormat(text, out int written, "yyyy-MM-ddTHH:mm:ss.", CultureInfo.InvariantCulture);
        _ = ns.TryFormat(text[written..], out _, "D9", CultureInfo.InvariantCulture);
        text[^1] = (byte)'Z';
        json.WriteString("time"u8, text);
    }

    private static void WritePairs(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in pairs)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private void WriteSkipped(long records)
    {
        if (records > 0)
        {
            _buffer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: skipped\ndata: {{\"records\":{records}}}\n\n")));
        }
    }

    private async Task FlushAsync(Stream body, CancellationToken stopping)
    {
        await body.WriteAsync(_buffer.WrittenMemory, stopping);
        await body.FlushAsync(stopping);
        _buffer.ResetWrittenCount();
    }
}
