using System.Text;
using Shipper.Processing.Ansi;

namespace Shipper.Core.Tests.Processing.Ansi;

public class AnsiTextTests
{
    [Theory]
    [InlineData("\u001b[31mERROR\u001b[0m failed", "ERROR failed")]
    [InlineData("\u001b[38;5;196mred\u001b[1;4;38;2;1;2;3mx\u001b[m", "redx")]
    [InlineData("\u001b[?25lhidden\u001b[2K\u001b[1G", "hidden")]
    [InlineData("\u001b]8;;https://example.com\u0007link\u001b]8;;\u001b\\ behind", "link behind")]
    [InlineData("\u001b(Bplain\u001b=\u001bM", "plain")]
    [InlineData("\u009b31mC1\u009bm", "C1")]
    [InlineData("\u001bPq#0\u001b\\sixel", "sixel")]
    [InlineData("no sequence: [31m ä \u009a", "no sequence: [31m ä \u009a")]
    [InlineData("\u001b[31\u0001m", "\u001b[31\u0001m")]
    [InlineData("\u001b]0;title\u001b[31mx", "\u001b]0;titlex")]
    [InlineData("\u001b\u001b[31mx", "\u001bx")]
    [InlineData("incomplete \u001b[31;", "incomplete \u001b[31;")]
    [InlineData("incomplete \u001b", "incomplete \u001b")]
    [InlineData("incomplete \u001b]0;title", "incomplete \u001b]0;title")]
    [InlineData("", "")]
    public void Strip_Text_RemovesTheSequences(string text, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var target = new byte[bytes.Length];

        int length = AnsiText.Strip(bytes, target);

        Assert.Equal(expected, Encoding.UTF8.GetString(target, 0, length));
    }

    [Fact]
    public void Strip_AnyText_FollowsTheGrammar()
    {
        var random = new Random(1);
        string[] parts = ["\u001b", "\u001b[", "\u001b]", "[", "]", "3", "1;", "m", "\u0007", "\\", "\u009b", " ", "(", "ab", "ä", "P", "\n", "\u0001"];
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(15)).Select(_ => parts[random.Next(parts.Length)]));
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            var target = new byte[bytes.Length];

            int length = AnsiText.Strip(bytes, target, out int incompleteBytes);

            (string kept, string incomplete, string leading) = AnsiTokens.Read(bytes);
            Assert.Equal(kept, Encoding.Latin1.GetString(target, 0, length));
            Assert.Equal(incomplete.Length, incompleteBytes);
            Assert.Equal(leading.Length, AnsiText.Skip(bytes));

            // With less room, the beginning is the same.
            var less = new byte[random.Next(length + 1)];
            Assert.Equal(less.Length, AnsiText.Strip(bytes, less));
            Assert.True(target.AsSpan().StartsWith(less));
        }
    }

    [Fact]
    public void Strip_AnyBytes_KeepsAllButSequences()
    {
        var random = new Random(2);
        byte[] choice = [0x1b, 0xC2, 0x9B, (byte)'[', (byte)'m', 0xFF, 0];
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(20)).Select(_ => choice[random.Next(choice.Length)])];
            var target = new byte[bytes.Length];

            int length = AnsiText.Strip(bytes, target);

            Assert.Equal(bytes.Count(b => b == 0xFF), target.AsSpan(0, length).Count((byte)0xFF));
        }
    }
}
