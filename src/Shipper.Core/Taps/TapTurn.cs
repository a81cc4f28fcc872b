namespace Shipper.Taps;

/// <summary>A tap that wants the records of the stream that is being read.</summary>
/// <remarks>Owned by a lane.</remarks>
internal sealed class TapTurn(Tap tap, IReadOnlyDictionary<string, string> labels)
{
    public Tap Tap { get; } = tap;

    /// <summary>The labels of the stream.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; } = labels;

    /// <summary>Number of records that were not shown. Counted here, so that a record costs no interlocked operation.</summary>
    public long Skipped { get; set; }
}
