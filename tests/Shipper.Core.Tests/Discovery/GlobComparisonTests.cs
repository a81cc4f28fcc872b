using System.Text;
using Shipper.Discovery;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Discovery;

public class GlobComparisonTests
{
    [Theory]
    [InlineData("/a/*.log", "/a/b.log", true)]
    [InlineData("/a/*.log", "/a/*.log", true)]
    [InlineData("/a/*", "/a/*.log", true)]
    [InlineData("/a/*.log", "/a/*", false)]
    [InlineData("/a/*.log", "/a/.b.log", false)]
    [InlineData("/a/.*", "/a/.b.log", true)]
    [InlineData("/a/?.log", "/a/b.log", true)]
    [InlineData("/a/?.log", "/a/*.log", false)]
    [InlineData("/a/b.log", "/a/?.log", false)]
    [InlineData("/**", "/a/*/b/**/*.log", true)]
    [InlineData("/a/**", "/a/b", true)]
    [InlineData("/a/**/*.log", "/a/b.log", true)]
    [InlineData("/a/**/*.log", "/a/b/**/c.log", true)]
    [InlineData("/a/*/*.log", "/a/**/*.log", false)]
    [InlineData("/a/*_x_*.log", "/a/p_x_c-*.log", true)]
    [InlineData("/a/*_x_*.log", "/a/*.log", false)]
    [InlineData("/b/**", "/a/*", false)]
    public void Covers_TwoGlobs_ReturnsWhetherFirstMatchesAllOfSecond(string wide, string narrow, bool expected) =>
        Assert.Equal(expected, GlobComparison.Covers(wide, narrow));

    [Theory]
    [InlineData("/a/*.log", "/a/b*", true)]
    [InlineData("/a/*.log", "/a/*.txt", false)]
    [InlineData("/a/*.log", "/b/*.log", false)]
    [InlineData("/a/?b", "/a/a?", true)]
    [InlineData("/a/*", "/a/.b", false)]
    [InlineData("/a/**/c", "/a/b/c", true)]
    [InlineData("/a/**/c", "/**/d/c", true)]
    [InlineData("/a/**", "/**/b", true)]
    [InlineData("/a/*/c", "/a/c", false)]
    [InlineData("/a/b*c*d", "/a/*x*", true)]
    public void CanOverlap_TwoGlobs_ReturnsWhetherAPathCanMatchBoth(string one, string other, bool expected)
    {
        Assert.Equal(expected, GlobComparison.CanOverlap(one, other));
        Assert.Equal(expected, GlobComparison.CanOverlap(other, one));
    }

    [Theory]
    [InlineData("*.log", "/a/*.log", true)]
    [InlineData("/a*c", "/a/b/c", true)]
    [InlineData("/a/c", "/a/**/c", true)]
    [InlineData("/a/c", "/a/**/**/c", true)]
    [InlineData("/a/c", "//a//c", true)]
    [InlineData("/a/*", "/b/*", false)]
    [InlineData("/a/b.txt", "/a/**", true)]
    [InlineData("*.txt", "/a/**/*.log", false)]
    [InlineData("/a/b", "/a/b*c", false)]
    [InlineData("/a/\\*", "/a/\\*", true)]
    public void MayOverlap_NameAndPath_IsFalseOnlyIfNoPathMatchesBoth(string name, string path, bool expected) =>
        Assert.Equal(expected, GlobComparison.MayOverlap(name, path));

    /// <summary>Compares the results with the paths that the globs match, for short paths of a few letters.</summary>
    [Fact]
    public void CoversAndCanOverlap_RandomGlobs_AgreeWithMatchedPaths()
    {
        string[] names = ["a", "b", "aa", "ab", "ba", ".a"];
        string[] paths = [.. names.Select(name => $"/{name}"), .. names.SelectMany(first => names.Select(second => $"/{first}/{second}")), "/a/b/a", "/a/a/a", "/b/a/.a/ab"];
        string[] segments = ["a", "b", "*", "?", "a*", "*b", "**", ".*", "?a"];
        var random = new Random(20261129);
        for (int i = 0; i < 20_000; i++)
        {
            string one = Pattern(), other = Pattern();
            var (a, b) = (new Glob(one), new Glob(other));
            if (!GlobComparison.MayOverlap(one, other))
            {
                var name = new Utf8Glob(one);
                Assert.DoesNotContain(paths, path => name.IsMatch(Encoding.UTF8.GetBytes(path)) && b.IsMatch(path));
            }

            if (GlobComparison.Covers(one, other))
            {
                Assert.All(paths.Where(b.IsMatch), path => Assert.True(a.IsMatch(path), $"{one} covers {other}, but does not match {path}"));
            }

            if (paths.FirstOrDefault(path => a.IsMatch(path) && b.IsMatch(path)) is { } both)
            {
                Assert.True(GlobComparison.CanOverlap(one, other), $"{one} and {other} both match {both}");
            }
        }

        string Pattern() => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"/{segments[random.Next(segments.Length)]}"));
    }
}
