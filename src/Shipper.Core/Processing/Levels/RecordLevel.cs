namespace Shipper.Processing.Levels;

/// <summary>The level of a record, in ascending order. The names in lower case are the values of structured metadata <c>detected_level</c>.</summary>
internal enum RecordLevel : byte
{
    /// <summary>The record states no level.</summary>
    None = 0,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
    Critical,
}
