namespace Shipper.Processing;

/// <summary>Whether something is detected in each line: <c>processing.level</c> and <c>processing.trace</c>.</summary>
internal enum DetectMode
{
    /// <summary>It is not looked for.</summary>
    Off,

    /// <summary>It is detected, and sent as structured metadata.</summary>
    Detect,
}
