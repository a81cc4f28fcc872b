using System.Text;
using Shipper.Processing;
using Shipper.Taps;

namespace Shipper.Core.Tests.Taps;

public class TapQueryTests
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal) { ["namespace"] = "shop", ["pod"] = "web-1" };

    private readonly StageContext _context = new(1024);

    [Theory]
    [InlineData("", true)]
    [InlineData(" { } ", true)]
    [InlineData("{namespace=\"shop\"}", true)]
    [InlineData("{namespace=\"sho\"}", false)]
    [InlineData("{ namespace != \"shop\" }", false)]
    [InlineData("{namespace=`shop`,pod=~\"web-.*\"}", true)]
    [InlineData("{pod=~\"web\"}", false)]
    [InlineData("{pod=~\"web-1|x\"}", true)]
    [InlineData("{pod=~\"x|web\"}", false)]
    [InlineData("{pod!~\"web-[0-9]\"}", false)]
    [InlineData("{unit=\"\"}", true)]
    [InlineData("{unit!=\"\"}", false)]
    [InlineData("{unit=~\".+\"}", false)]
    [InlineData("{namespace=\"\\u0073hop\", pod=\"\\x77eb\\055\\061\"}", true)]
    public void MatchesLabels_Selector_DecidesAsLokiDoes(string query, bool expected) => Assert.Equal(expected, Parse(query).MatchesLabels(Labels));

    [Theory]
    [InlineData("{} |= \"error\"", true)]
    [InlineData("{} |= \"Error\"", false)]
    [InlineData("{}|=\"error\"!=\"health\"", true)]
    [InlineData("{} != \"日本\"", false)]
    [InlineData("|= `日本`", true)]
    [InlineData("{} |~ \"err[a-z]+:\"", true)]
    [InlineData("{} |~ \"(?i)ERROR\"", true)]
    [InlineData("{} |~ \"(?P<kind>error)\"", true)]
    [InlineData("{} !~ \"time ?out\"", false)]
    [InlineData("{} |= \"\"", true)]
    [InlineData("{} |= \"error\" |= \"missing\"", false)]
    public void MatchesLine_Filters_DecideAsLokiDoes(string query, bool expected) =>
        Assert.Equal(expected, Parse(query).MatchesLine(Encoding.UTF8.GetBytes("error: timeout 日本"), _context));

    [Theory]
    [InlineData("namespace=\"shop\"", "column 1: expected {, |=, !=, |~ or !~, not \"n\"")]
    [InlineData("{", "column 2: expected the name of a label")]
    [InlineData("{a=\"b\",}", "column 8: expected the name of a label, not \"}\"")]
    [InlineData("{a}", "column 3: expected =, !=, =~ or !~, not \"}\"")]
    [InlineData("{a=b}", "column 4: expected a text in \" or `, not \"b\"")]
    [InlineData("{a=\"b\" c=\"d\"}", "column 8: expected \",\" or \"}\", not \"c\"")]
    [InlineData("{a=\"b}", "column 4: expected \" at the end of this text")]
    [InlineData("{a=\"\\q\"}", "column 5: expected an escape sequence that Go knows, such as \\n or \\u00e9; in `backquotes` nothing is escaped")]
    [InlineData("{a=\"\\ud800\"}", "column 5: expected an escape sequence that Go knows, such as \\n or \\u00e9; in `backquotes` nothing is escaped")]
    [InlineData("{a=\"b\"} | json", "column 9: expected |=, !=, |~, !~ or the end, not \"|\"")]
    [InlineData("{a=~\"(\"}", "column 5: expected a regex without backtracking: not enough )'s at character 1")]
    [InlineData("{a=~\"x)(?s:y\"}", "column 5: expected a regex without backtracking: too many )'s at character 2")]
    [InlineData("{} |= 5", "column 7: expected a text in \" or `, not \"5\"")]
    public void TryParse_Invalid_NamesColumnAndWhatWasExpected(string query, string expected)
    {
        Assert.False(TapQuery.TryParse(query, out _, out string? error));

        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryParse_RegexThatNeedsBacktracking_IsRefused()
    {
        Assert.False(TapQuery.TryParse("{} |~ `(a)\\1`", out _, out string? error));

        Assert.StartsWith("column 7: expected a regex without backtracking: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TooLong_IsRefused()
    {
        Assert.False(TapQuery.TryParse(new string(' ', TapQueryParser.MaxLength + 1), out _, out string? error));

        Assert.Equal("the query has 4097 characters; at most 4096 are allowed", error);
    }

    private static TapQuery Parse(string text)
    {
        Assert.True(TapQuery.TryParse(text, out TapQuery? query, out string? error), error);
        return query;
    }
}
