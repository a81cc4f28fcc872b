namespace Shipper.Benchmarks.Input;

/// <summary>The input of an agent.</summary>
/// <param name="Logs">The logs.</param>
/// <param name="Counts">Number of lines of each file, without those that a rule may drop.</param>
/// <param name="Bytes">Bytes of all files.</param>
internal sealed record WrittenInput(LogDirectory Logs, IReadOnlyList<long> Counts, long Bytes)
{
    /// <summary>Number of lines that must arrive.</summary>
    public long Lines => Counts.Sum();

    /// <summary>Number of lines that a rule may drop.</summary>
    public long DroppableLines { get; init; }
}
