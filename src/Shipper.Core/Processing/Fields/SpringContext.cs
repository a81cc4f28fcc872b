namespace Shipper.Processing.Fields;

/// <summary>
/// Finds the trace context that Spring Boot writes before the message in lines of text:
/// <code>
/// [trace-span]              Spring Boot 3.2 and newer: logging.pattern.correlation
/// [app,trace,span]          Spring Cloud Sleuth 3, and Spring Boot with a pattern of its documentation
/// [app,trace,span,export]   Spring Cloud Sleuth 1 and 2, with true or false; trace ids of 16 digits
/// </code>
/// </summary>
internal static class SpringContext
{
    // It follows the time, the level, the name of the application and that of the thread.
    private const int MaxPlace = 512;

    /// <returns><c>default</c> if the line has no such context.</returns>
    public static TraceContext Find(ReadOnlySpan<byte> line)
    {
        line = line[..Math.Min(line.Length, MaxPlace)];
        int position = 0;
        while (line[position..].IndexOf((byte)']') is var distance and >= 0)
        {
            position += distance;
            if (Parse(line[..position]) is { HasTrace: true, SpanId: > 0 } context)
            {
                return context;
            }

            position++;
        }

        return default;
    }

    /// <summary>Parses the end of a text, which precedes a bracket.</summary>
    private static TraceContext Parse(ReadOnlySpan<byte> text)
    {
        text = text.EndsWith(",true"u8) ? text[..^",true".Length] : text.EndsWith(",false"u8) ? text[..^",false".Length] : text;
        int span = text.Length - TraceContext.SpanIdLength;
        if (span < 1 || text[span - 1] is not ((byte)',' or (byte)'-'))
        {
            return default;
        }

        int trace = span - 1 - TraceContext.TraceIdLength;
        bool isLong = trace >= 1 && (text[trace - 1] == '[' || (text[trace - 1] == ',' && text[span - 1] == ','));
        if (!isLong)
        {
            trace = span - 1 - TraceContext.SpanIdLength;
            if (trace < 1 || text[trace - 1] != ',' || text[span - 1] != ',')
            {
                return default;
            }
        }

        return new TraceContext(TraceContext.ParseTraceId(text[trace..(span - 1)]), TraceContext.ParseSpanId(text[span..]));
    }
}
