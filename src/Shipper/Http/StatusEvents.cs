using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Shipper.Lanes;
using Shipper.Status;

namespace Shipper.Http;

/// <summary>Tells clients every two seconds what the agent is doing, as server-sent events: first everything, then what has changed.</summary>
/// <remarks>Thread-safe. While nobody watches, nothing happens.</remarks>
/// <param name="getStatus">Returns the state of the agent.</param>
internal sealed class StatusEvents(Func<CancellationToken, Task<AgentStatus>> getStatus, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Clients that ask within this time get the same snapshot: describing 1,500 streams for each of several pages would take their multiple.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SemaphoreSlim _lock = new(1);
    private StatusSnapshot? _last;
    private long _lastAt;

    /// <summary>Writes events until the client goes.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or the program stops.</exception>
    public async Task WriteAsync(Stream body, CancellationToken stopping)
    {
        var known = new Dictionary<string, StreamStatus>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            AgentStatus status = (await GetSnapshotAsync(stopping)).Since(known);
            await body.WriteAsync(Encode(status), stopping);
            await body.FlushAsync(stopping);
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    public void Dispose() => _lock.Dispose();

    private static ReadOnlyMemory<byte> Encode(AgentStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("event: status\ndata: "u8);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            JsonSerializer.Serialize(json, status, StatusJson.Readable.AgentStatus);
        }

        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private async Task<StatusSnapshot> GetSnapshotAsync(CancellationToken stopping)
    {
        await _lock.WaitAsync(stopping);
        try
        {
            if (_last is null || time.GetElapsedTime(_lastAt) >= MaxAge)
            {
                _last = new StatusSnapshot(await getStatus(stopping));
                _lastAt = time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _lock.Release();
        }
    }
}
