using Shipper.Processing.Limits;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// What stages remember of a stream from one record to the next. It travels with the position: it is stored when the records are acknowledged, and set back
/// when they are read again. So the same bytes give the same records on every reading.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StageMemory
{
    private OutputMemory _stdout;
    private OutputMemory _stderr;

    /// <summary>The limits of the stream, as <see cref="StreamRules"/> numbers them.</summary>
    public LimitMemory[] Limits { get; private set; } = [];

    /// <summary>Returns the memory of an output.</summary>
    public ref OutputMemory this[LogOutput output] => ref output == LogOutput.Stdout ? ref _stdout : ref _stderr;

    /// <summary>Makes room for the limits of a stream. The memory of a limit is found by its name, so that it survives a change of the configuration.</summary>
    /// <param name="names">The names of the limits.</param>
    public void Bind(IReadOnlyList<string> names)
    {
        if (Limits.Length == names.Count && Limits.Select(limit => limit.Name).SequenceEqual(names))
        {
            return;
        }

        LimitMemory[] before = Limits;
        Limits = [.. names.Select(name => Array.Find(before, limit => limit.Name == name) is { Name: not null } known ? known : new LimitMemory { Name = name })];
    }

    /// <summary>Makes this a copy of another memory.</summary>
    public void CopyFrom(StageMemory other)
    {
        _stdout = other._stdout;
        _stderr = other._stderr;
        if (Limits.Length != other.Limits.Length)
        {
            Limits = new LimitMemory[other.Limits.Length];
        }

        other.Limits.CopyTo(Limits, 0);
    }
}
