namespace Shipper.Benchmarks.Input;

/// <summary>What an agent is given to read.</summary>
/// <param name="Logs">Where it is.</param>
/// <param name="Counts">Lines in each file.</param>
/// <param name="Bytes">Bytes of all files.</param>
internal sealed record WrittenInput(LogDirectory Logs, IReadOnlyList<long> Counts, long Bytes)
{
    public long Lines => Counts.Sum();
}
