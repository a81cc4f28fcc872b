using System.Globalization;

namespace Shipper.Processing.Fields;

/// <summary>The trace and the span to which a record belongs.</summary>
/// <param name="TraceId">The trace; 0 if it is unknown.</param>
/// <param name="SpanId">The span; 0 if it is unknown.</param>
internal readonly record struct TraceContext(UInt128 TraceId, ulong SpanId)
{
    /// <summary>Length of a trace id as text: lower-case hexadecimal digits.</summary>
    public const int TraceIdLength = 32;

    /// <summary>Length of a span id as text: lower-case hexadecimal digits.</summary>
    public const int SpanIdLength = 16;

    /// <summary>True if the trace is known.</summary>
    public bool HasTrace => TraceId != UInt128.Zero;

    /// <summary>
    /// Parses the header of W3C Trace Context, <c>version-traceid-spanid-flags</c> in hexadecimal digits. Source: www.w3.org/TR/trace-context.
    /// </summary>
    /// <returns><c>default</c> if the text is not such a header.</returns>
    public static TraceContext ParseHeader(ReadOnlySpan<byte> text)
    {
        const int traceStart = 3;
        const int spanStart = traceStart + TraceIdLength + 1;
        const int flagsStart = spanStart + SpanIdLength + 1;

        // A future version may have more behind the flags.
        if (text.Length < flagsStart + 2 || (text.Length > flagsStart + 2 && (text[flagsStart + 2] != '-' || text.StartsWith("00"u8)))
            || text[traceStart - 1] != '-' || text[spanStart - 1] != '-' || text[flagsStart - 1] != '-')
        {
            return default;
        }

        UInt128 traceId = ParseHex(text.Slice(traceStart, TraceIdLength));
        var spanId = (ulong)ParseHex(text.Slice(spanStart, SpanIdLength));
        return traceId == 0 || spanId == 0 ? default : new TraceContext(traceId, spanId);
    }

    /// <summary>Parses a trace id of 32 hexadecimal digits, or one of B3 with 16.</summary>
    /// <returns>0 if the text is not a trace id.</returns>
    public static UInt128 ParseTraceId(ReadOnlySpan<byte> text) => text.Length is TraceIdLength or SpanIdLength ? ParseHex(text) : 0;

    /// <summary>Parses a span id of 16 hexadecimal digits.</summary>
    /// <returns>0 if the text is not a span id.</returns>
    public static ulong ParseSpanId(ReadOnlySpan<byte> text) => text.Length == SpanIdLength ? (ulong)ParseHex(text) : 0;

    /// <summary>Parses an id as Datadog writes it: the lowest 64 bits as a decimal number.</summary>
    /// <returns>0 if the text is not such a number.</returns>
    public static ulong ParseDecimal(ReadOnlySpan<byte> text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id) ? id : 0;

    /// <summary>Writes the trace id.</summary>
    /// <param name="target">Receives <see cref="TraceIdLength"/> bytes.</param>
    public void WriteTraceId(Span<byte> target)
    {
        HexDigits.Write(target, (ulong)(TraceId >> 64));
        HexDigits.Write(target[HexDigits.Length..], (ulong)TraceId);
    }

    /// <summary>Writes the span id.</summary>
    /// <param name="target">Receives <see cref="SpanIdLength"/> bytes.</param>
    public void WriteSpanId(Span<byte> target) => HexDigits.Write(target, SpanId);

    /// <summary>Parses 16 or 32 digits; 0 if there is something else.</summary>
    private static UInt128 ParseHex(ReadOnlySpan<byte> text)
    {
        bool isHex = HexDigits.TryParse(text[^HexDigits.Length..], out ulong lower);
        ulong upper = 0;
        isHex = isHex && (text.Length == HexDigits.Length || HexDigits.TryParse(text, out upper));
        return isHex ? new UInt128(upper, lower) : 0;
    }
}
