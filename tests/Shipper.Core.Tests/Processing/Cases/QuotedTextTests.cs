using Shipper.Processing.Cases;

namespace Shipper.Core.Tests.Processing.Cases;

public class QuotedTextTests
{
    [Theory]
    [InlineData("GET \"/cart\" \\d 가격 €", "GET \"/cart\" \\d 가격 €")]
    [InlineData("a\r\n\tb", "a\\r\\n\\tb")]
    [InlineData("\e]0;title\a", "\\u001B]0;title\\u0007")]
    [InlineData("\u202Egnp.exe\u2028\u0085", "\\u202Egnp.exe\\u2028\\u0085")]
    [InlineData("🙂", "🙂")]
    public void ToOneLine_Text_EscapesWhatATerminalWouldActOn(string text, string line) => Assert.Equal(line, QuotedText.ToOneLine(text));

    [Fact]
    public void Of_Text_IsJson() => Assert.Equal("\"say \\\"a\\\\b\\\"\\u001B\"", QuotedText.Of("say \"a\\b\"\e"));
}
