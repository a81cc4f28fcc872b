namespace Shipper.Processing.Multiline;

/// <summary>How the line begins that begins a record. The order is that of the counters in <see cref="LearnedStarts"/>.</summary>
internal enum RecordStart : byte
{
    /// <summary>As any text may begin.</summary>
    None,

    /// <summary>
    /// A timestamp, in brackets or not: <c>2026-01-02T15:04:05Z</c>, <c>[02/Jan/2026:15:04:05</c>, <c>Jan  2 15:04:05</c>, <c>15:04:05.123</c>,
    /// <c>1767366245</c>.
    /// </summary>
    Time,

    /// <summary>The header of klog: <c>I0102 15:04:05.123456</c>.</summary>
    Klog,

    /// <summary>A field of logfmt: <c>time=</c>, <c>level=</c>.</summary>
    Field,

    /// <summary>The address at the start of an access log: <c>10.0.0.1 - </c>.</summary>
    Address,

    /// <summary>A level: <c>INFO </c>, <c>warn: </c>, <c>[ERROR]</c>, <c>&lt;6&gt;</c>.</summary>
    Level,

    /// <summary>Any other bracket: <c>[main]</c>.</summary>
    Bracket,

    /// <summary>A whole JSON object.</summary>
    Json,
}
