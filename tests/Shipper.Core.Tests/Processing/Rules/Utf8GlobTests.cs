using System.Text;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Rules;

public class Utf8GlobTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything at all", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "ä", true)]
    [InlineData("??", "ä", false)]
    [InlineData("*?", "ä", true)]
    [InlineData("?*?", "ä", false)]
    [InlineData("/api/*", "/api/v1/orders", true)]
    [InlineData("/api/*", "/apis", false)]
    [InlineData("*.go", "orders.go:118.go", true)]
    [InlineData("*order*created*", "order 17 created", true)]
    [InlineData("*order*created*", "created order", false)]
    [InlineData("a*b*c", "abcbc", true)]
    [InlineData("a**c", "ac", true)]
    [InlineData("GET", "get", false)]
    [InlineData("C:\\*", "C:\\temp", true)]
    [InlineData("[a]", "a", false)]
    public void IsMatch_Pattern_MatchesTheWholeText(string pattern, string text, bool expected) =>
        Assert.Equal(expected, new Utf8Glob(pattern).IsMatch(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void IsMatch_ManyStars_IsNotExponential() =>
        Assert.False(new Utf8Glob(string.Concat(Enumerable.Repeat("a*", 40)) + "b").IsMatch(Encoding.UTF8.GetBytes(new string('a', 20_000))));
}
