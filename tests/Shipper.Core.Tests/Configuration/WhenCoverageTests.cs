extern alias program;

using System.Text.RegularExpressions;
using program::Shipper.Configuration;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Rules;
using Shipper.Records;

namespace Shipper.Core.Tests.Configuration;

/// <summary>Which conditions cover others, compared with a simple implementation of conditions and all records of a small world.</summary>
public class WhenCoverageTests
{
    private const int Pairs = 10_000;

    private static readonly string[] Globs = ["*", "a", "b", "a*", "?", "ab"];
    private static readonly string[] Names = ["a", "b", "ab", "c"];
    private static readonly string[] Texts = ["a", "ab", "b", "ba", "bab", "c"];
    private static readonly RecordLevel[] Levels = [RecordLevel.None, RecordLevel.Info];

    private static readonly (RecordOrigin Origin, string Stream)[] Origins =
    [
        .. Names.SelectMany(name => Names.SelectMany(pod => ((string[])["stdout", "stderr"]).Select(stream => (new RecordOrigin { Source = "container", Namespace = name, Pod = pod }, stream)))),
        .. Names.Select(unit => (new RecordOrigin { Source = "journal", Unit = unit }, "stdout")),
        .. ((string[])["/a", "/b/a", "/b/ab"]).Select(filename => (new RecordOrigin { Source = "file", Filename = filename }, "stdout")),
    ];

    [Fact]
    public void Covers_RandomConditions_IsTrueOnlyIfNoRecordContradicts()
    {
        var random = new Random(1);
        int covered = 0;
        for (int i = 0; i < Pairs; i++)
        {
            WhenOptions wide = Create(random);
            WhenOptions narrow = Create(random);
            if (!WhenCoverage.Covers(wide, narrow))
            {
                continue;
            }

            covered++;
            var contradictions =
                from origin in Origins
                from text in Texts
                from level in Levels
                where IsMatch(narrow, origin.Origin, origin.Stream, text, level) && !IsMatch(wide, origin.Origin, origin.Stream, text, level)
                select $"{origin}, {text}, {level}: {Describe(wide)} does not match it, but {Describe(narrow)} does";
            Assert.Empty(contradictions.Take(1));
        }

        Assert.InRange(covered, 100, Pairs / 2);
    }

    [Fact]
    public void Covers_EveryCondition_CoversItself()
    {
        var random = new Random(2);

        Assert.All(Enumerable.Range(0, 1_000).Select(_ => Create(random)), when => Assert.True(WhenCoverage.Covers(when, when), Describe(when)));
    }

    private static WhenOptions Create(Random random)
    {
        var when = new WhenOptions();
        for (int parts = random.Next(4); parts > 0; parts--)
        {
            switch (random.Next(9))
            {
                case 0:
                    when.Source = Pick(random, ["container", "journal", "file"]);
                    break;
                case 1:
                    when.Namespace = Pick(random, Globs);
                    break;
                case 2:
                    when.Pod = Pick(random, Globs);
                    break;
                case 3:
                    when.Unit = Pick(random, Globs);
                    break;
                case 4:
                    when.Filename = Pick(random, ["/a", "/*", "/b/*", "/**"]);
                    break;
                case 5:
                    when.Stream = Pick(random, ["stdout", "stderr"]);
                    break;
                case 6:
                    when.Level = [Levels[random.Next(Levels.Length)]];
                    break;
                case 7:
                    when.Text.Contains = Pick(random, Texts);
                    break;
                default:
                    when.Text.StartsWith = Pick(random, Texts);
                    when.Text.Regex = random.Next(4) == 0 ? "^a" : "";
                    break;
            }
        }

        return when;
    }

    private static List<string> Pick(Random random, string[] values) => [.. values.Where(_ => random.Next(values.Length) == 0).DefaultIfEmpty(values[random.Next(values.Length)])];

    /// <summary>Matches a record: names like any text, so that a wildcard also matches a slash and the empty name.</summary>
    private static bool IsMatch(WhenOptions when, RecordOrigin origin, string stream, string text, RecordLevel level)
    {
        return (when.Source.Count == 0 || when.Source.Contains(origin.Source))
            && HasName("container", when.Namespace, origin.Namespace)
            && HasName("container", when.Pod, origin.Pod)
            && HasName("journal", when.Unit, origin.Unit)
            && HasName("file", when.Filename, origin.Filename)
            && (when.Stream.Count == 0 || (origin.Source == "container" && when.Stream.Contains(stream)))
            && (when.Level.Count == 0 || when.Level.Contains(level))
            && (when.Text.Contains.Count == 0 || when.Text.Contains.Exists(part => text.Contains(part, StringComparison.Ordinal)))
            && (when.Text.StartsWith.Count == 0 || when.Text.StartsWith.Exists(start => text.StartsWith(start, StringComparison.Ordinal)))
            && (when.Text.Regex.Length == 0 || Regex.IsMatch(text, when.Text.Regex));

        bool HasName(string source, List<string> globs, string name) =>
            globs.Count == 0 || (origin.Source == source && globs.Exists(glob => new NameGlob(glob).IsMatch(name)));
    }

    private static string Describe(WhenOptions when)
    {
        (string Key, IEnumerable<string> Values)[] parts =
        [
            ("source", when.Source), ("namespace", when.Namespace), ("pod", when.Pod), ("unit", when.Unit), ("filename", when.Filename), ("stream", when.Stream),
            ("level", when.Level.Select(level => level.ToString())), ("contains", when.Text.Contains), ("startsWith", when.Text.StartsWith), ("regex", [when.Text.Regex]),
        ];
        return string.Join(" ", parts.Select(part => $"{part.Key}: [{string.Join(", ", part.Values)}]"));
    }
}
