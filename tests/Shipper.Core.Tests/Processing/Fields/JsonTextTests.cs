using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class JsonTextTests
{
    [Fact]
    public void Unescape_AnyText_IsWhatDotNetDecodes()
    {
        var random = new Random(1);
        string[] parts = ["a", "bc", "ä", "€", "😀", "\"", "\\", "\n", "\t", "\b", "\f", "\r", "\u0001", "\u2028", "/", "<"];
        for (int i = 0; i < 5000; i++)
        {
            string expected = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            byte[] quoted = JsonSerializer.SerializeToUtf8Bytes(expected, JsonSerializerOptions.Default);

            var target = new byte[200];
            int length = JsonText.Unescape(quoted.AsSpan(1, quoted.Length - 2), target);

            Assert.Equal(expected, Encoding.UTF8.GetString(target, 0, length));
        }
    }

    [Theory]
    [InlineData("a\\x41b", "a\\x41b")]
    [InlineData("a\\", "a\\")]
    [InlineData("\\u12", "\\u12")]
    [InlineData("\\u+123", "\\u+123")]
    [InlineData("\\ud83d\\n", "\uFFFD\n")]
    [InlineData("\\ud83d\\ud83d\\ude00", "\uFFFD😀")]
    [InlineData("\\ude00", "\uFFFD")]
    public void Unescape_InvalidEscape_KeepsOrReplacesIt(string raw, string expected)
    {
        var target = new byte[100];

        int length = JsonText.Unescape(Encoding.UTF8.GetBytes(raw), target);

        Assert.Equal(expected, Encoding.UTF8.GetString(target, 0, length));
    }

    [Fact]
    public void Unescape_AnyBytesAndRoom_WritesAValidBeginning()
    {
        var random = new Random(2);
        byte[] bytes = [.. "\\\\\\unr\"d83de00ab"u8, .. "ä😀"u8, 0xFF, 0xC3];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] raw = [.. Enumerable.Range(0, random.Next(30)).Select(_ => bytes[random.Next(bytes.Length)])];
            var whole = new byte[100];
            ReadOnlySpan<byte> expected = whole.AsSpan(0, JsonText.Unescape(raw, whole));
            var target = new byte[random.Next(12)];

            int length = JsonText.Unescape(raw, target);

            Assert.True(Utf8.IsValid(expected));
            Assert.True(Utf8.IsValid(target.AsSpan(0, length)));
            Assert.True(expected.StartsWith(target.AsSpan(0, length)));
            Assert.True(length == expected.Length || length + 4 > target.Length);
        }
    }
}
