using System.Text;
using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Records;

namespace Shipper.Processing.Cases;

/// <summary>Runs the rules over a text, as if a program had written it to its log.</summary>
internal static class TextRun
{
    /// <summary>Time of the first line, in nanoseconds since 1970: always the same, so that limits and samples always decide the same.</summary>
    public const long FirstLineNs = 1_767_225_600L * 1_000_000_000;

    private const long LineNs = 1_000_000;

    /// <summary>Returns what becomes of the records of a text.</summary>
    /// <param name="text">The lines. A newline at the end makes no difference. Each line is written 1 ms after the one before.</param>
    /// <param name="output">The output to which they are written.</param>
    /// <param name="rules">The rules of the log.</param>
    /// <param name="limit">Maximum length of a line, and what to do with longer lines.</param>
    /// <param name="metadata">Returns the structured metadata that each record of an output has, encoded.</param>
    public static IReadOnlyList<RecordOutcome> Run(
        string text, LogOutput output, StreamRules rules, LineLimit limit, Func<LogOutput, ReadOnlyMemory<byte>> metadata)
    {
        var outcomes = new OutcomeList();
        var runner = new RecordRunner(rules, limit, metadata, outcomes);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : text + '\n');
        long offset = 0;
        for (int lines = 0; !rest.IsEmpty; lines++)
        {
            int length = LineScanner.IndexOfNewline(rest, out bool isText);
            var line = new LogLine(FirstLineNs + (lines * LineNs), output, isPartial: false, rest[..length]) { IsAscii = isText };
            runner.Add(in line, new LineRange(offset, offset + length + 1));
            offset += length + 1;
            rest = rest[(length + 1)..];
        }

        runner.Flush();
        return outcomes.All;
    }
}
