namespace Shipper.Taps;

/// <summary>What a stage changed in a record.</summary>
/// <param name="Stage">The stage, a key under <c>processing</c>; <c>read</c> for the line before all stages.</param>
/// <param name="Line">The line after the stage; null if the stage did not change it, or a later stage removes something from it.</param>
/// <param name="Metadata">The structured metadata that the stage added.</param>
internal sealed record TapChange(string Stage, string? Line, IReadOnlyList<KeyValuePair<string, string>> Metadata);
