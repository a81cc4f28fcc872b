using System.Numerics;
using System.Runtime.Intrinsics;

namespace Shipper.Processing.Fields;

/// <summary>Finds the trace context of a line.</summary>
/// <remarks>
/// <para>
/// Nearly every key of a trace id contains <c>race</c>, and that of a span id <c>pan</c>. Only the text around these is looked at, so a line without them
/// costs a search. The keys, in lower or mixed case: <c>trace_id</c>, <c>traceId</c>, <c>trace-id</c>, <c>trace.id</c> or <c>"trace":{"id":…}</c> (ECS),
/// <c>dd.trace_id</c> or <c>"dd":{"trace_id":…}</c> (Datadog), <c>otelTraceID</c> (OpenTelemetry for Python), <c>X-B3-TraceId</c>, <c>traceparent</c> (W3C),
/// <c>logging.googleapis.com/trace</c>, and the same for spans; <c>@tr</c> and <c>@sp</c> (Serilog).
/// </para>
/// <para>
/// In a JSON line they are keys of members, at any depth. In any other line they are followed by <c>=</c> or <c>:</c>, anywhere in the line.
/// <see cref="SpringContext"/> has no keys.
/// </para>
/// <para>
/// An id has 32 or 16 hexadecimal digits; a trace id of 16 digits (B3) is extended with zeros. Datadog's decimal numbers are converted. The first valid id
/// counts. An id of zeros is not valid.
/// </para>
/// </remarks>
internal static class TraceFinder
{
    private const int PartLength = 3;

    private static ReadOnlySpan<byte> InTraceKeys => "race"u8;

    private static ReadOnlySpan<byte> InSpanKeys => "pan"u8;

    /// <summary>Finds the trace context of a line. A line without a trace id has no span id either.</summary>
    /// <param name="line">The line; it may be any bytes.</param>
    /// <param name="isCut">True if the line continues beyond these bytes, so that an id at their end may be incomplete.</param>
    public static bool TryFind(ReadOnlySpan<byte> line, bool isCut, out TraceContext context)
    {
        int begin = FieldFinder.IndexOfObject(line);
        bool isJson = begin >= 0;
        context = FindKeys(line, isJson, isCut);
        if (!context.HasTrace)
        {
            context = isJson ? FindOfSerilog(line[begin..]) : SpringContext.Find(line);
        }

        return context.HasTrace;
    }

    /// <summary>Finds the first trace id and the first span id that have keys.</summary>
    private static TraceContext FindKeys(ReadOnlySpan<byte> line, bool isJson, bool isCut)
    {
        TraceContext context = default;
        ulong spanId = 0;
        int position = 0;
        while ((!context.HasTrace || (context.SpanId | spanId) == 0) && (position = IndexOfPart(line, position)) >= 0)
        {
            ReadOnlySpan<byte> text = line[position..];
            bool isTrace = text.StartsWith(InTraceKeys);
            int length = isTrace ? InTraceKeys.Length : InSpanKeys.Length;
            bool isWanted = isTrace ? !context.HasTrace : spanId == 0 && text.StartsWith(InSpanKeys);
            if (isWanted && TraceKey.TryRead(line, position, length, isJson, out TraceKey key))
            {
                if (isTrace)
                {
                    context = ParseTrace(key, isCut);
                }
                else
                {
                    spanId = ParseSpan(key, isCut);
                }
            }

            position += length;
        }

        return context.SpanId == 0 ? context with { SpanId = spanId } : context;
    }

    /// <summary>Returns the next place of <c>rac</c>, <c>ran</c>, <c>pac</c> or <c>pan</c>; -1 if there is none. One search for all costs less than two.</summary>
    private static unsafe int IndexOfPart(ReadOnlySpan<byte> line, int position)
    {
        // The last step may cover some places of the one before again.
        int last = line.Length - PartLength + 1 - Vector128<byte>.Count;
        fixed (byte* text = line)
        {
            while (last >= 0 && position < last + Vector128<byte>.Count)
            {
                int step = Math.Min(position, last);
                Vector128<byte> first = Vector128.Load(text + step);
                Vector128<byte> third = Vector128.Load(text + step + 2);
                Vector128<byte> found = (Vector128.Equals(first, Vector128.Create((byte)'r')) | Vector128.Equals(first, Vector128.Create((byte)'p')))
                    & Vector128.Equals(Vector128.Load(text + step + 1), Vector128.Create((byte)'a'))
                    & (Vector128.Equals(third, Vector128.Create((byte)'c')) | Vector128.Equals(third, Vector128.Create((byte)'n')));
                uint places = found.ExtractMostSignificantBits() >> (position - step) << (position - step);
                if (places != 0)
                {
                    return step + BitOperations.TrailingZeroCount(places);
                }

                position = step + Vector128<byte>.Count;
            }
        }

        for (; position <= line.Length - PartLength; position++)
        {
            if (line[position] is (byte)'r' or (byte)'p' && line[position + 1] == 'a' && line[position + 2] is (byte)'c' or (byte)'n')
            {
                return position;
            }
        }

        return -1;
    }

    private static TraceContext ParseTrace(TraceKey key, bool isCut)
    {
        if (key.HasObject)
        {
            return key.Is("trace"u8) ? new TraceContext(TraceContext.ParseTraceId(FindMember(key.Object, "id"u8)), 0) : default;
        }

        ReadOnlySpan<byte> value = key.ReadValue(isCut);
        if (key.Is("trace_id"u8) && key.ParentObject("dd"u8) is { IsEmpty: false } datadog)
        {
            return new TraceContext(ParseOfDatadog(value), ParseSpanOfDatadog(FindMember(datadog, "span_id"u8)));
        }

        if (key.Is("dd.trace_id"u8))
        {
            return new TraceContext(ParseOfDatadog(value), 0);
        }

        if (key.Is("logging.googleapis.com/trace"u8))
        {
            // projects/PROJECT/traces/ID
            return new TraceContext(TraceContext.ParseTraceId(value[(value.LastIndexOf((byte)'/') + 1)..]), 0);
        }

        return key.Is("trace_id"u8) || key.Is("traceid"u8) || key.Is("trace.id"u8) || key.Is("trace-id"u8) || key.Is("x-b3-traceid"u8) || key.Is("oteltraceid"u8)
            || key.Is("traceparent"u8) ? ParseIdOrHeader(value) : default;
    }

    private static ulong ParseSpan(TraceKey key, bool isCut) =>
        key.HasObject ? key.Is("span"u8) ? TraceContext.ParseSpanId(FindMember(key.Object, "id"u8)) : 0
        : key.Is("dd.span_id"u8) ? ParseSpanOfDatadog(key.ReadValue(isCut))
        : key.Is("span_id"u8) || key.Is("spanid"u8) || key.Is("span.id"u8) || key.Is("span-id"u8) || key.Is("x-b3-spanid"u8) || key.Is("otelspanid"u8)
            || key.Is("logging.googleapis.com/spanid"u8) ? TraceContext.ParseSpanId(key.ReadValue(isCut)) : 0;

    // Some programs write the header under the name of the id, such as ASP.NET.
    private static TraceContext ParseIdOrHeader(ReadOnlySpan<byte> value) =>
        new TraceContext(TraceContext.ParseTraceId(value), 0) is { HasTrace: true } context ? context : TraceContext.ParseHeader(value);

    // 128 bits are hexadecimal, 64 bits decimal. A number of 16 digits could be both.
    private static UInt128 ParseOfDatadog(ReadOnlySpan<byte> value) =>
        value.Length < TraceContext.TraceIdLength && TraceContext.ParseDecimal(value) is > 0 and var id ? id : TraceContext.ParseTraceId(value);

    private static ulong ParseSpanOfDatadog(ReadOnlySpan<byte> value) =>
        TraceContext.ParseDecimal(value) is > 0 and var id ? id : TraceContext.ParseSpanId(value);

    /// <summary>Reads the members that Serilog's compact format adds. It begins with the member <c>@t</c>, and is written without white space.</summary>
    private static TraceContext FindOfSerilog(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("{\"@"u8))
        {
            return default;
        }

        UInt128 traceId = TraceContext.ParseTraceId(ReadString(line, "\"@tr\":\""u8));
        return traceId == 0 ? default : new TraceContext(traceId, TraceContext.ParseSpanId(ReadString(line, "\"@sp\":\""u8)));
    }

    private static ReadOnlySpan<byte> ReadString(ReadOnlySpan<byte> line, ReadOnlySpan<byte> start)
    {
        int index = line.IndexOf(start);
        ReadOnlySpan<byte> value = index < 0 ? [] : line[(index + start.Length)..];
        int length = value.IndexOf((byte)'"');
        return length < 0 ? [] : value[..length];
    }

    private static ReadOnlySpan<byte> FindMember(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        var scanner = new JsonScanner(text);
        while (scanner.Read())
        {
            if (scanner.Depth == 1 && scanner.Kind is JsonKind.String or JsonKind.Number && scanner.KeyEquals(name))
            {
                return scanner.Value;
            }
        }

        return [];
    }
}
