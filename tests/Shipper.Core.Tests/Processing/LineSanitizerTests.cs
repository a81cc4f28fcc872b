using System.Text;
using System.Text.Unicode;
using Shipper.Processing;

namespace Shipper.Core.Tests.Processing;

public class LineSanitizerTests
{
    private const int MaxBytes = 300;

    private readonly LineSanitizer _sut = new(MaxBytes);

    [Fact]
    public void Prepare_ShortAndValid_ReturnsTheSameBytes()
    {
        byte[] text = Encoding.UTF8.GetBytes("nul:\0 esc:\x1b[31m cr:\r line-separator:\u2028 bom:\uFEFF");

        ReadOnlySpan<byte> line = _sut.Prepare(text, isAscii: false, text.Length, MaxBytes, out long truncatedBytes);

        Assert.True(line == (ReadOnlySpan<byte>)text);
        Assert.Equal(0, truncatedBytes);
    }

    [Theory]
    [InlineData("62616420FFFE20C32820EDA080C0AF", "bad \uFFFD\uFFFD \uFFFD( \uFFFD\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("E282", "\uFFFD")]
    [InlineData("F09F9880F09F98", "😀\uFFFD")]
    public void Prepare_InvalidUtf8_ReplacesIt(string hex, string expected)
    {
        byte[] text = Convert.FromHexString(hex);

        string line = Encoding.UTF8.GetString(_sut.Prepare(text, isAscii: false, text.Length, MaxBytes, out _));

        Assert.Equal(expected, line);
    }

    [Fact]
    public void Prepare_TooLong_CutsAndMarksIt()
    {
        byte[] text = Encoding.UTF8.GetBytes(new string('x', 1000));

        string line = Encoding.UTF8.GetString(_sut.Prepare(text, isAscii: false, text.Length, MaxBytes, out long truncatedBytes));

        Assert.Equal(new string('x', 275) + "…[truncated 725 bytes]", line);
        Assert.Equal(725, truncatedBytes);
    }

    [Fact]
    public void Prepare_InvalidBytesGrow_ReplacesBeforeCutting()
    {
        // 200 bytes fit; 200 times U+FFFD do not.
        byte[] text = [.. Enumerable.Repeat((byte)0xFF, 200)];

        ReadOnlySpan<byte> line = _sut.Prepare(text, isAscii: false, text.Length, MaxBytes, out long truncatedBytes);

        Assert.True(Utf8.IsValid(line));
        Assert.InRange(line.Length, MaxBytes - 3, MaxBytes);
        Assert.StartsWith("\uFFFD\uFFFD", Encoding.UTF8.GetString(line), StringComparison.Ordinal);
        Assert.EndsWith($"…[truncated {truncatedBytes} bytes]", Encoding.UTF8.GetString(line), StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_AnyBytes_ReturnsValidTextThatFitsAndAccountsForAllBytes()
    {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            var text = new byte[random.Next(2 * MaxBytes)];
            FillWithText(text, random);
            int kept = Math.Min(text.Length, MaxBytes);
            string whole = Encoding.UTF8.GetString(text);

            ReadOnlySpan<byte> line = _sut.Prepare(text.AsSpan(0, kept), isAscii: false, text.Length, MaxBytes, out long truncatedBytes);

            Assert.True(Utf8.IsValid(line));
            Assert.True(line.Length <= MaxBytes);
            string result = Encoding.UTF8.GetString(line);
            if (truncatedBytes == 0)
            {
                Assert.Equal(whole, result);
            }
            else
            {
                string marker = $"…[truncated {truncatedBytes} bytes]";
                Assert.EndsWith(marker, result, StringComparison.Ordinal);
                string beginning = Encoding.UTF8.GetString(text.AsSpan(0, (int)(text.Length - truncatedBytes)));
                Assert.Equal(beginning, result[..^marker.Length]);
                Assert.StartsWith(beginning, whole, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Text of one to four bytes per character, with some invalid bytes.</summary>
    private static void FillWithText(Span<byte> target, Random random)
    {
        string[] characters = ["a", "ä", "€", "😀"];
        for (int position = 0; position < target.Length;)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(characters[random.Next(characters.Length)]);
            bytes = bytes.AsSpan(0, Math.Min(bytes.Length, target.Length - position)).ToArray();
            bytes.CopyTo(target[position..]);
            position += bytes.Length;
        }

        for (int i = random.Next(3); i > 0 && target.Length > 0; i--)
        {
            target[random.Next(target.Length)] = (byte)random.Next(256);
        }
    }
}
