using System.Text;
using System.Text.RegularExpressions;
using Shipper.Core.Tests.Processing.Rules.Probes;
using Shipper.Processing;
using Shipper.Processing.Literals;
using Shipper.Processing.Patterns;
using Shipper.Processing.Rules;
using Shipper.Processing.Rules.Probes;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A pattern, and behind the first newline a record. As a glob, the pattern matches what a regex matches. As a regex, each match has one of the literals that it
/// is said to need, and a pod's regex matches the same. A rule with the pattern, and the preset for health checks, decide the same alone and behind other rules.
/// </summary>
internal sealed class RuleTarget : FuzzTarget
{
    private const int MaxPatternChars = 60;

    private readonly StageContext _context = new(64 * 1024);

    public override string Name => "rules";

    public override int MaxBytes => 1024;

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. HealthCheckLines.Checks.Concat(HealthCheckLines.Others).Select(line => Encoding.UTF8.GetBytes("/health*\n" + line)),
        .. ((string[])
        [
            "(GET|HEAD) /healthz\nHEAD /healthz 200", "(?i)kube-?probe\nKUBE-PROBE", "a{2,3}bc+d?\naabcc", "[^]a-z]{3}x|foo(bar)?baz\nfoobaz", "*ä?b*\nxxäöb",
            "\\d+ \\w+\\.$\n17 abc.", "(?<n>ab(c|d)*)efg\nabcdefg",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            "*", "?", "+", "|", "(", ")", "(?:", "(?i)", "[", "]", "[^", "{2}", "{0,1}", "{", "}", "\\", "\\d", "\\b", ".", "^", "$", "\n", "K", "\u212A", "ä", "\uFFFD",
            "GET ", "POST ", "HTTP/1.1", "\"", " 200 ", " 503", "/healthz", "/status", "kube-probe/1.33", "| 200 |", "status=200", "path=/healthz", "{\"", "\":\"",
            "\"status\":200", "\"path\":\"/healthz\"", "}", "\e[32m", "0/0/0/1/1", "=> generated ", "(HTTP/1.1 ", "from ", "http://",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        int newline = input.AsSpan().IndexOf((byte)'\n');
        string pattern = Encoding.UTF8.GetString(input.AsSpan(0, Math.Max(newline, 0)));
        pattern = pattern[..Math.Min(pattern.Length, MaxPatternChars)];
        byte[] line = input[(newline + 1)..];
        bool isProbe = CheckRule(new RuleOptions { Name = "sut", Preset = RuleOptions.HealthChecksPreset }, line);
        bool isText = pattern.Length > 0 && CheckRule(RuleFor(new TextOptions { Contains = [pattern] }), line);
        Assert.Equal(pattern.Length > 0 && line.AsSpan().IndexOf(Encoding.UTF8.GetBytes(pattern)) >= 0, isText);
        bool isField = CheckRule(new RuleOptions { Name = "sut", When = new WhenOptions { Field = new() { ["path"] = pattern } } }, line);
        return $"{isProbe} {isText} {isField} {CheckGlob(pattern, line)} {CheckRegex(pattern, line)} {CheckFacts(line)}";
    }

    private static RuleOptions RuleFor(TextOptions text) => new() { Name = "sut", When = new WhenOptions { Text = text } };

    private static string CheckFacts(byte[] line)
    {
        var text = default(RequestFacts);
        RequestText.Read(line, ref text);
        var fields = default(RequestFacts);
        RequestFields.ReadLogfmt(line, ref fields);
        var json = default(RequestFacts);
        RequestFields.ReadJson(line, ref json);
        return $"{text.HasTarget} {text.HasStatus} {text.IsHealthCheck} {fields.HasTarget} {fields.HasStatus} {json.HasTarget} {json.HasStatus}";
    }

    /// <summary>Compares with a regex over characters. Invalid UTF-8 has no characters.</summary>
    private static bool? CheckGlob(string pattern, byte[] line)
    {
        string text = Encoding.UTF8.GetString(line);
        if (text.Contains('\uFFFD', StringComparison.Ordinal) || pattern.Contains('\uFFFD', StringComparison.Ordinal) || text.Any(char.IsSurrogate))
        {
            new Utf8Glob(pattern).IsMatch(line);
            return null;
        }

        string regex = Regex.Escape(pattern).Replace("\\*", "(?s:.*)", StringComparison.Ordinal).Replace("\\?", "(?s:.)", StringComparison.Ordinal);
        bool isMatch = new Utf8Glob(pattern).IsMatch(line);
        Assert.Equal(Regex.IsMatch(text, $"^{regex}\\z", RegexOptions.NonBacktracking), isMatch);
        return isMatch;
    }

    private string CheckRegex(string pattern, byte[] line)
    {
        Regex regex;
        try
        {
            regex = new Regex(pattern, TextPattern.Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return "";
        }

        Literal[] literals = RegexLiterals.Find(pattern);
        string text = Encoding.UTF8.GetString(line);
        bool isMatch = regex.IsMatch(text);
        CheckBounded(pattern, text, isMatch);
        Assert.True(!isMatch || literals.Length == 0 || new LiteralSet(literals).ContainsAny(line), "a match has none of the literals");
        if (pattern.Length > 0)
        {
            Assert.Equal(isMatch, CheckRule(RuleFor(new TextOptions { Regex = pattern }), line));
        }

        return $"{isMatch} {literals.Length}";
    }

    /// <summary>As the regex of a pod, the pattern matches the same texts, and its matches follow each other.</summary>
    private static void CheckBounded(string pattern, string text, bool isMatch)
    {
        if (BoundedPattern.Create(pattern, findsAll: false) is { } test)
        {
            Assert.Equal(isMatch, test.IsMatch(text));
        }

        var starts = new bool[text.Length];
        if (BoundedPattern.Create(pattern, findsAll: true) is { } all && all.TryFindStarts(text, starts))
        {
            Assert.True(isMatch);
            int steps = BoundedPattern.StepsFor(text.Length);
            for (int from = 0; all.TryFindNext(text, starts, from, ref steps, out int index, out int length); from = index + length)
            {
                Assert.InRange(index, from, text.Length - 1);
                Assert.InRange(length, 1, text.Length - index);
            }
        }
    }

    private bool CheckRule(RuleOptions rule, byte[] line)
    {
        RuleOptions other = RuleFor(new TextOptions { Contains = ["\0never\0"] });
        other.Name = "other";
        bool isDropped = Drops(new RuleStage([rule]), line);
        Assert.Equal(isDropped, Drops(new RuleStage([other, rule, other]), line));
        return isDropped;
    }

    private bool Drops(RuleStage stage, byte[] line)
    {
        var draft = new RecordDraft { Line = line, Length = line.Length };
        return stage.Apply(ref draft, _context) == StageVerdict.Drop && draft.DropReason == "sut";
    }
}
