using Shipper.Records;

namespace Shipper.Core.Tests.Records;

public class NameGlobTests
{
    [Theory]
    [InlineData("app*", "app.log", true)]
    [InlineData("app?log", "app.log", true)]
    [InlineData("app?", "app", false)]
    [InlineData("App*", "app.log", false)]
    [InlineData("*", ".hidden", true)]
    [InlineData(@"dev-by\x2duuid*", @"dev-by\x2duuid.service", true)]
    public void IsMatch_NoOptions_SupportsTwoWildcards(string pattern, string name, bool matches) => Assert.Equal(matches, new NameGlob(pattern).IsMatch(name));

    [Theory]
    [InlineData("*", ".hidden", false)]
    [InlineData("?hidden", ".hidden", false)]
    [InlineData(".*", ".hidden", true)]
    public void IsMatch_SkipsHidden_DoesNotMatchALeadingDot(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new NameGlob(pattern, skipsHidden: true).IsMatch(name));

    [Theory]
    [InlineData(@"a\*", "a*", true)]
    [InlineData(@"a\*", "ab", false)]
    public void IsMatch_HasEscapes_TakesTheNextCharacterLiterally(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new NameGlob(pattern, hasEscapes: true).IsMatch(name));
}
