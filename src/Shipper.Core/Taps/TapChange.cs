namespace Shipper.Taps;

/// <summary>What a stage changed in a record.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Line">The line after the stage, in UTF-8, cut as <see cref="TapRecord.Line"/> is; null if the stage did not change it.</param>
/// <param name="Metadata">The structured metadata that the stage added or changed.</param>
internal sealed record TapChange(string Stage, byte[]? Line, IReadOnlyList<KeyValuePair<string, string>> Metadata);
