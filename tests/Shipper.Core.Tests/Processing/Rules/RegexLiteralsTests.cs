using System.Text;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Rules;

public class RegexLiteralsTests
{
    [Theory]
    [InlineData("heartbeat", "heartbeat")]
    [InlineData("^heartbeat from .* ok$", "heartbeat from ")]
    [InlineData(@"GET /healthz HTTP/1\.[01]", "GET /healthz HTTP/1.")]
    [InlineData("(GET|HEAD) /healthz", " /healthz")]
    [InlineData("(?:connection reset|broken pipe) by", "connection reset", "broken pipe")]
    [InlineData("timeout|deadline exceeded", "timeout", "deadline exceeded")]
    [InlineData("(?<what>heartbeat) .*", "heartbeat")]
    [InlineData("colou?r is red", "r is red")]
    [InlineData("abcd*e+fgh", "abc")]
    [InlineData("abc{0,3}def", "def")]
    [InlineData("abc{2}de", "abc")]
    [InlineData("""{"level":"debug".*}""", "{\"level\":\"debug\"")]
    [InlineData("a{,3}b", "a{,3}b")]
    [InlineData("[^]abc]+xyz[a-z]", "xyz")]
    [InlineData("(foo)?barbaz", "barbaz")]
    [InlineData("(foobar)+", "foobar")]
    [InlineData("(?i)heartbeat", "heartbeat")]
    [InlineData("(?i)Kube-Probe", "ube-probe")]
    [InlineData("größer als", "er als")]
    [InlineData(@"\bERROR\b", "ERROR")]
    public void Find_Pattern_ReturnsWhatEachMatchNeeds(string pattern, params string[] expected) =>
        Assert.Equal(expected, RegexLiterals.Find(pattern).Select(literal => Encoding.UTF8.GetString(literal.Text)));

    [Theory]
    [InlineData("")]
    [InlineData("a|b")]
    [InlineData("ab")]
    [InlineData(".*")]
    [InlineData("heartbeat|")]
    [InlineData("heartbeat|[0-9]+")]
    [InlineData("(heartbeat)?")]
    [InlineData("(heartbeat){0}")]
    [InlineData("(heartbeat|x)*")]
    [InlineData(@"\p{L}heartbeat")]
    [InlineData(@"\x41heartbeat")]
    [InlineData("(?x) heart beat")]
    [InlineData("heart(?i)beat")]
    [InlineData("[a-z-[aeiou]]heartbeat")]
    public void Find_NothingKnown_ReturnsNothing(string pattern) => Assert.Empty(RegexLiterals.Find(pattern));

    [Fact]
    public void Find_VeryDeepGroups_ReturnsNothing() => Assert.Empty(RegexLiterals.Find(new string('(', 100_000) + "heartbeat" + new string(')', 100_000)));
}
