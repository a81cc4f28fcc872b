using System.Text;
using Shipper.Records;

namespace Shipper.Core.Tests.Records;

public class Utf8TextTests
{
    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 2, "ab")]
    [InlineData("aé", 2, "a")]
    [InlineData("a😀b", 4, "a")]
    [InlineData("a😀b", 5, "a😀")]
    [InlineData("é", 0, "")]
    public void Cut_Text_EndsAfterAWholeCharacter(string text, int maxBytes, string expected)
    {
        var target = new byte[maxBytes];

        int written = Utf8Text.Cut(Encoding.UTF8.GetBytes(text), hasMore: false, target, out int taken);

        Assert.Equal(expected, Encoding.UTF8.GetString(target.AsSpan(0, written)));
        Assert.Equal(written, taken);
        Assert.Equal(expected, Utf8Text.Cut(text, maxBytes));
    }

    [Theory]
    [InlineData(false, "a\uFFFD", 3)]
    [InlineData(true, "a", 1)]
    public void Cut_IncompleteCharacterAtTheEnd_IsReplacedIfNothingFollows(bool hasMore, string expected, int expectedTaken)
    {
        var target = new byte[16];

        int written = Utf8Text.Cut([(byte)'a', 0xE2, 0x82], hasMore, target, out int taken);

        Assert.Equal(expected, Encoding.UTF8.GetString(target.AsSpan(0, written)));
        Assert.Equal(expectedTaken, taken);
    }

    [Theory]
    [InlineData("a😀b", 1, "a")]
    [InlineData("a😀b", 2, "a")]
    [InlineData("a😀b", 3, "a😀")]
    [InlineData("a😀b", 4, "a😀b")]
    public void CutChars_Text_EndsAfterAWholeCharacter(string text, int maxChars, string expected) => Assert.Equal(expected, Utf8Text.CutChars(text, maxChars));
}
