namespace Shipper.Processing.Multiline;

/// <summary>How lines are joined to records: the kinds of <c>processing.multiline</c>.</summary>
internal enum MultilineMode
{
    /// <summary>Each line is a record.</summary>
    Off,

    /// <summary>Stack traces of all supported languages are joined.</summary>
    Traces,

    /// <summary>The beginning of a record is learned for each log and output; everything else is joined to the record before it.</summary>
    Auto,

    /// <summary>Stack traces of some languages are joined.</summary>
    Languages,

    /// <summary>A line that matches a pattern begins a record.</summary>
    Start,

    /// <summary>A line that matches a pattern continues a record.</summary>
    Continue,
}
