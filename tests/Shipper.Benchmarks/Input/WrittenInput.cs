namespace Shipper.Benchmarks.Input;

/// <summary>The input of an agent.</summary>
/// <param name="Logs">The logs.</param>
/// <param name="Counts">Number of lines of each file.</param>
/// <param name="Bytes">Bytes of all files.</param>
internal sealed record WrittenInput(LogDirectory Logs, IReadOnlyList<long> Counts, long Bytes)
{
    public long Lines => Counts.Sum();
}
