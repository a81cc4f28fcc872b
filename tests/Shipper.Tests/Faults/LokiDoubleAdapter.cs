using Shipper.Testing.Loki;

namespace Shipper.Tests.Faults;

/// <summary>The Loki double, which keeps every copy that it stores.</summary>
internal sealed class LokiDoubleAdapter(LokiDouble loki) : ILokiUnderTest
{
    public Uri Address => loki.Address;

    public string Cluster => "test";

    public Task<long> CountAsync() => Task.FromResult((long)loki.Count());

    public Task<int> ReachedAsync(string pod) => Task.FromResult(LinesOf(pod).LastOrDefault(line => !line.IsMarker) is { Text: { } last } ? PodLog.NumberOf(last) + 1 : 0);

    public Task<Tally> TallyAsync(string pod, int written, ICollection<string>? findings = null) => Task.FromResult(Tally.Of(written, LinesOf(pod), findings));

    public string? CannotFreezeReason => null;

    public void Freeze() => loki.Freeze();

    public void Thaw() => loki.Thaw();

    public void Dispose() => loki.Dispose();

    private List<StoredLine> LinesOf(string pod) =>
        [.. loki.GetStoredEntries(LokiUnderTest.Labels(Cluster, pod)).Select(entry => new StoredLine(entry.TimestampNs, entry.Line))];
}
