using Shipper.Discovery;

namespace Shipper.Core.Tests.Discovery;

public class GlobTests
{
    [Theory]
    [InlineData("/var/log/containers/*.log", "/var/log/containers/a_b_c-1.log", true)]
    [InlineData("/var/log/containers/*.log", "/var/log/containers/a.log.1", false)]
    [InlineData("/var/log/containers/*.log", "/var/log/containers/sub/a.log", false)]
    [InlineData("/var/log/containers/*.log", "/var/log/containers/.hidden.log", false)]
    [InlineData("/var/log/containers/.*.log", "/var/log/containers/.hidden.log", true)]
    [InlineData("/var/log/pods/*/*/*.log", "/var/log/pods/ns_pod_uid/main/0.log", true)]
    [InlineData("/var/log/?.log", "/var/log/a.log", true)]
    [InlineData("/var/log/?.log", "/var/log/ab.log", false)]
    [InlineData("/var/**/*.log", "/var/a.log", true)]
    [InlineData("/var/**/*.log", "/var/log/x/a.log", true)]
    [InlineData("/var/**/x/*.log", "/var/log/x/a.log", true)]
    [InlineData("/var/**/x/*.log", "/var/log/y/a.log", false)]
    [InlineData("/var/log/a.log", "/var/log/a.log", true)]
    public void IsMatch_Path_MatchesLikeAShell(string pattern, string path, bool expected) =>
        Assert.Equal(expected, new Glob(pattern).IsMatch(path));

    /// <summary>Trying every way to match would take exponential time.</summary>
    [Theory]
    [InlineData("a", true)]
    [InlineData("b", false)]
    public void IsMatch_ManyDoubleStars_ReturnsQuickly(string name, bool expected)
    {
        string pattern = "/" + string.Concat(Enumerable.Repeat("**/*/", 40)) + "a";
        string path = string.Concat(Enumerable.Repeat("/a", 120)) + "/" + name;

        Assert.Equal(expected, new Glob(pattern).IsMatch(path));
    }

    [Theory]
    [InlineData("/var/log/containers/*.log", "/var/log/containers")]
    [InlineData("/var/log/pods/*/*/*.log", "/var/log/pods")]
    [InlineData("/var/log/a.log", "/var/log")]
    [InlineData("/*.log", "/")]
    public void Root_Pattern_ReturnsFixedDirectory(string pattern, string expected) =>
        Assert.Equal(expected, new Glob(pattern).Root);
}
