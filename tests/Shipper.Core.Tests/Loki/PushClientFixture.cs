using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing.Loki;
using Snappier;

namespace Shipper.Core.Tests.Loki;

/// <summary>Creates clients, and small pushes for them.</summary>
public abstract class PushClientFixture
{
    private protected RecordedLog Log { get; } = new();

    private protected AgentMetrics Metrics { get; } = new();

    private protected static CancellationToken Stopping => TestContext.Current.CancellationToken;

    private protected static byte[] Body(params string[] lines)
    {
        var buffer = new byte[4096];
        int length = PushRequestWriter.BeginStream(buffer, StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "p" }).Encoded);
        long now = (TimeProvider.System.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) * 100;
        foreach (string line in lines)
        {
            length += PushRequestWriter.WriteEntry(buffer.AsSpan(length), new LogRecord(now, PushRequestWriter.StdoutMetadata, System.Text.Encoding.UTF8.GetBytes(line), 0), now++, moved: false);
        }

        PushRequestWriter.EndStream(buffer.AsSpan(0, length));
        return Snappy.CompressToArray(buffer.AsSpan(0, length));
    }

    private protected PushClient Create(LokiDouble loki, Action<LokiOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new LokiOptions
        {
            Url = loki.Address,
            Retry = new RetryOptions { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromMilliseconds(2) },
        };
        configure?.Invoke(options);
        return new PushClient(options, 4096, time ?? TimeProvider.System, Log, Metrics);
    }
}
