using System.Text;
using Shipper.Parsing;
using Shipper.Records;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A parsed line, for comparison. Each character of the content is one byte.</summary>
internal sealed record ParsedLine(long TimestampNs, LogOutput Output, bool IsPartial, string Content)
{
    public static ParsedLine? Of(ContainerLineParser parser, ReadOnlySpan<byte> text) =>
        parser.TryParse(text, out LogLine line) ? new ParsedLine(line.TimestampNs, line.Output, line.IsPartial, Encoding.Latin1.GetString(line.Content)) : null;
}
