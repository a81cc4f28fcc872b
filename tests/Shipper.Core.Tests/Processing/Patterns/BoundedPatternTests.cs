using System.Text.RegularExpressions;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Patterns;

namespace Shipper.Core.Tests.Processing.Patterns;

public class BoundedPatternTests
{
    private const int Ki = 1024;

    private static readonly string[] Lines =
    [
        "", "\n", "a", "2026-11-23 01:21:26 INFO started", "[2026-11-23T01:21:26.123+01:00] ERROR x\n", "at Foo.Bar()\n\tat baz", "2026-11-23", "x 2026-11-23", "E1123 01:21:26.000001 1 a.go:7] oops",
        "10.0.0.1 - - [23/Nov/2026:01:21:26 +0000] \"GET /healthz HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.31\"", "user=anna@example.com token=abc123 password: \"hunter2\"", "ORD-12345678 ORD-1234567 ORD-123456789",
        "AKIAIOSFODNN7EXAMPLE AKIAAKIAAKIAAKIAAKIAAKIA", "4111111111111111 5500 0000 0000 0004", "é ÉÉ KELVIN \u212A k K ſ", "first\nsecond\r\nthird\n\n", "😀 \ud83d broken", "java.io.IOException: disk full", "ERROR x timeout ERROR timeout",
        "aaaaaaaaaaaaaaaaaaaaab", "Nov 23 01:21:26 node kernel: x", "a-b_c.d, e;f", "\u00a0\u2028\u200dx\u200c", "https://user:secret@host/path?q=1&r=2",
    ];

    public static TheoryData<string> Ordinary { get; } =
    [
        @"^\d{4}-\d{2}-\d{2}", @"^(?:\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?\]?)\s+(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)", @"^\S+Exception|^\s+at",
        "^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \\d]\\d \\d{2}:\\d{2}:\\d{2}", "GET /(?:healthz|readyz|livez|metrics)", "kube-probe|ELB-HealthChecker|GoogleHC|Prometheus/", @"^[IWEF]\d{4} \d{2}:\d{2}:\d{2}\.\d{6}",
        @"(?i)\b(?:password|passwd|secret|token|api[_-]?key)\b\s*[=:]\s*[""']?[^\s""'&]+", @"\b(?:\d{1,3}\.){3}\d{1,3}\b", @"[\w.+-]+@[\w-]+\.[\w.-]+", @"(?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16}", "ORD-[0-9]{8}", @"^\s*$", "^$", "(?m)^$",
        "(?m)^at .*$", "(?i)k", "(?i)É+", @"[a-z-[aeiou]]+", @"\p{Lu}\p{Ll}*", @"\P{L}+", "a.*b", "a.*?b", "(?s)a.*b", @"\w+\b", @"\B.", @"x*", @"\Z", @"\n\z", "(?x) a b # comment\n | c", "(?#no)a|b(?i:C)d", "[]a]", "[^]]", @"[\]\\-]", "a{,2}", "a{2", "{",
        "[^\\W\\d]+", @"\x41|\u0042|\cI|\t|\e|\07", "(?<name>a)|(?'other'b)", "(a|ab)(c|bcd)?", "a|ab|abc", "(?:ERROR|WARN).{0,100}timeout", @"https?://[^:/\s]+:[^@/\s]+@", "[\\ud83d😀]", ".",
    ];

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void IsMatch_OrdinaryPattern_IsThatOfDotnet(string pattern)
    {
        var expected = new Regex(pattern, TextPattern.Options);
        BoundedPattern sut = BoundedPattern.Create(pattern, findsAll: false)!;

        Assert.All(Lines, line => Assert.Equal(expected.IsMatch(line), sut.IsMatch(line)));
        Assert.InRange(sut.Bytes, 1, 120 * Ki);
    }

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void TryFindNext_OrdinaryPattern_FindsTheMatchesOfDotnet(string pattern)
    {
        var expected = new Regex(pattern, RegexOptions.CultureInvariant);
        BoundedPattern sut = BoundedPattern.Create(pattern, findsAll: true)!;

        Assert.All(Lines, line => Assert.Equal(
            expected.Matches(line).Where(match => match.Length > 0).Select(match => (match.Index, match.Length)),
            FindAll(sut, line)));
    }

    /// <summary>The generator makes no loop around something that can be empty.</summary>
    [Fact]
    public void TryFindNext_RandomPattern_FindsTheMatchesOfDotnet()
    {
        const int Patterns = 300;
        const int Texts = 20;
        var generator = new PatternGenerator(seed: 26);
        for (int i = 0; i < Patterns; i++)
        {
            string pattern = generator.NextPattern();
            var expected = new Regex(pattern, RegexOptions.CultureInvariant);
            if (BoundedPattern.Create(pattern, findsAll: false) is not { } test || BoundedPattern.Create(pattern, findsAll: true) is not { } sut)
            {
                continue;
            }

            for (int j = 0; j < Texts; j++)
            {
                string text = generator.NextText();
                (int, int)[] matches = [.. expected.Matches(text).Where(match => match.Length > 0).Select(match => (match.Index, match.Length))];
                Assert.True(expected.IsMatch(text) == test.IsMatch(text), $"{pattern} {Regex.Escape(text)}");
                Assert.True(matches.SequenceEqual(FindAll(sut, text)), $"{pattern} {Regex.Escape(text)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(HostilePatterns.Indexes), MemberType = typeof(HostilePatterns))]
    public void Create_HostilePattern_IsRefusedOrSmallAndNeverGrows(int index)
    {
        string pattern = HostilePatterns.All[index];
        string text = string.Concat(Enumerable.Range(0, 16 * Ki).Select(i => "abcfo kz\u0123"[(int)((uint)(i * i * 2654435761) >> 28) % 9]));
        BoundedPattern? test = BoundedPattern.Create(pattern, findsAll: false);
        BoundedPattern? all = BoundedPattern.Create(pattern, findsAll: true);
        bool[] starts = new bool[text.Length];

        Assert.Equal(0, Allocation.Least(() =>
        {
            test?.IsMatch(text);
            int steps = BoundedPattern.StepsFor(text.Length);
            if (all?.TryFindStarts(text, starts) == true)
            {
                for (int from = 0; all.TryFindNext(text, starts, from, ref steps, out int found, out int length); from = found + length)
                {
                }
            }
        }));
        Assert.InRange(test?.Bytes ?? 0, 0, BoundedPattern.MaxBytes + (32 * Ki));
        Assert.InRange(all?.Bytes ?? 0, 0, (2 * BoundedPattern.MaxBytes) + (32 * Ki));
    }

    [Fact]
    public void TryFindNext_EachOfManyMatchesLooksToTheEnd_EndsAfterALinearNumberOfSteps()
    {
        BoundedPattern sut = BoundedPattern.Create("a(.*b)?", findsAll: true)!;
        string text = new('a', 16 * Ki);

        (int Index, int Length)[] found = [.. FindAll(sut, text)];

        Assert.InRange(found.Length, 2, 1000);
        Assert.Equal(text.Length, found[^1].Index + found[^1].Length);
        Assert.All(found[..^1], match => Assert.Equal(1, match.Length));
    }

    private static List<(int Index, int Length)> FindAll(BoundedPattern sut, string text)
    {
        var starts = new bool[text.Length];
        var found = new List<(int Index, int Length)>();
        int steps = BoundedPattern.StepsFor(text.Length);
        if (sut.TryFindStarts(text, starts))
        {
            for (int from = 0; sut.TryFindNext(text, starts, from, ref steps, out int index, out int length); from = index + length)
            {
                found.Add((index, length));
            }
        }

        return found;
    }
}
