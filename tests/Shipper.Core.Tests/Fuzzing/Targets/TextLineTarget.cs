using System.Text;
using Shipper.Core.Tests.Processing.Ansi;
using Shipper.Core.Tests.Processing.Fields;
using Shipper.Processing.Ansi;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A line of text: escape sequences are removed as their grammar says, and then the pairs of logfmt are those of its grammar. Looking for the trace context
/// never fails.
/// </summary>
internal sealed class TextLineTarget : FuzzTarget
{
    public override string Name => "text-line";

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            RealLines.LogrusText, RealLines.ZerologConsole, RealLines.DotNetConsoleScopes, RealLines.PythonOpenTelemetry, RealLines.SpringBoot, RealLines.Sleuth2, RealLines.DatadogJava,
            "\u001b]8;;https://example.com\u0007link\u001b]8;;\u001b\\ \u001b(B \u009b31mred\u009bm a=\"b \\\"c\\\"\" d==e",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])["=", "\"", "\\", "\\\"", " ", "\t", "a=", "key=\"", "\u001b", "\u001b[", "\u001b[31m", "\u001b]0;", "\u0007", "\u001b\\", "\u009b", "m", ";", "trace_id=", "span_id=", "dd.trace_id=", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "[", "]", ",", "-"]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0], [0xC2],
    ];

    public override string Check(byte[] input)
    {
        var stripped = new byte[input.Length];
        int length = AnsiText.Strip(input, stripped, out int incompleteBytes);
        (string kept, string incomplete, string leading) = AnsiTokens.Read(input);
        Assert.Equal(kept, Encoding.Latin1.GetString(stripped, 0, length));
        Assert.Equal(incomplete.Length, incompleteBytes);
        Assert.Equal(leading.Length, AnsiText.Skip(input));

        // The grammar of pairs has no sequences.
        byte[] plain = [.. stripped.Take(length).Where(b => b != AnsiText.Escape)];
        List<string> pairs = LogfmtPairs.Scan(plain);
        Assert.Equal(LogfmtPairs.Match(plain), pairs);

        List<string> colored = LogfmtPairs.Scan(input);
        bool hasTrace = TraceFinder.TryFind(input, isCut: false, out TraceContext context);
        return $"{length < input.Length} {incompleteBytes > 0} {Magnitude(pairs.Count)} {Magnitude(colored.Count)} {hasTrace} {context.SpanId != 0}";
    }
}
