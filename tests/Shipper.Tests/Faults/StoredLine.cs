namespace Shipper.Tests.Faults;

/// <summary>A line as Loki has it.</summary>
/// <param name="TimestampNs">Its time.</param>
/// <param name="Text">The line.</param>
internal readonly record struct StoredLine(long TimestampNs, string Text);
