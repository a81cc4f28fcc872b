using Shipper.Processing;

namespace Shipper.Taps;

/// <summary>
/// What the taps of a lane need to show records: a second context for the stages, so that removing secrets from what is shown changes nothing about what is
/// sent, and a copy of the memory from before the record.
/// </summary>
/// <remarks>Owned by its lane; not thread-safe. Exists while a tap is open.</remarks>
internal sealed class TapScratch(int maxLineBytes)
{
    /// <summary>The context in which records are prepared to be shown.</summary>
    public StageContext Context { get; } = new(maxLineBytes);

    /// <summary>What the stages remembered before the record.</summary>
    public StageMemory Before { get; } = new();

    /// <summary>The stages that changed the record, and how many pairs of metadata each of them added.</summary>
    public List<(string Stage, bool IsLineChanged, int Added)> Stages { get; } = [];
}
