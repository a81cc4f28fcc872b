using System.Text;
using Shipper.Journal;
using Shipper.Protocol;

namespace Shipper.Core.Tests.Journal;

public class JournalMetadataTests
{
    private readonly JournalUnits _units = new([], []);

    [Fact]
    public void Write_AllFields_CanBeReadByGoogleProtobuf()
    {
        Assert.Equal(
            ["level=warning", "identifier=agetty", "pid=42", "transport=syslog", "boot_id=0123456789abcdef0123456789abcdef", "unit_full=getty@tty1.service"],
            Write("getty@tty1.service"u8, 4, "agetty"u8, "42"u8, "syslog"u8, "0123456789abcdef0123456789abcdef"u8));
    }

    [Fact]
    public void Write_NoFields_WritesNothing() => Assert.Empty(Write("x.service"u8, JournalLevels.None, [], [], [], []));

    [Theory]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(111)]
    [InlineData(112)]
    [InlineData(113)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(100_000)]
    public void Write_TextOfAnyLength_CutsItAt1024Bytes(int length)
    {
        var text = new string('x', length);

        Assert.Equal(["identifier=" + text[..Math.Min(length, 1024)]], Write([], JournalLevels.None, Encoding.UTF8.GetBytes(text), [], [], []));
    }

    [Fact]
    public void Write_ArbitraryBytes_ReplacesInvalidOnesLikeTheFrameworkAndCutsBetweenCharacters()
    {
        var random = new Random(7);
        for (int run = 0; run < 3_000; run++)
        {
            var bytes = new byte[random.Next(1, 1_400)];
            if (run % 2 == 0)
            {
                random.NextBytes(bytes);
            }
            else
            {
                byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé€😀", 200)));
                bytes = text[..Math.Min(bytes.Length, text.Length)];
            }

            string value = Assert.Single(Write([], JournalLevels.None, bytes, [], [], []))["identifier=".Length..];

            string whole = Encoding.UTF8.GetString(bytes);
            Assert.StartsWith(value, whole, StringComparison.Ordinal);
            int written = Encoding.UTF8.GetByteCount(value);
            Assert.InRange(written, Math.Min(Encoding.UTF8.GetByteCount(whole), 1024 - 3), 1024);
        }
    }

    [Fact]
    public void Write_LargestFields_FitsMaxBytes()
    {
        byte[] longest = Encoding.UTF8.GetBytes(new string('x', 5_000));

        Assert.Equal(6, Write(Encoding.UTF8.GetBytes(new string('y', 5_000)), 4, longest, longest, longest, longest).Count);
    }

    [Theory]
    [InlineData("0", "emerg")]
    [InlineData("1", "alert")]
    [InlineData("2", "crit")]
    [InlineData("3", "err")]
    [InlineData("4", "warning")]
    [InlineData("5", "notice")]
    [InlineData("6", "info")]
    [InlineData("7", "debug")]
    [InlineData("8", "")]
    [InlineData("", "")]
    [InlineData("66", "")]
    [InlineData("-1", "")]
    [InlineData("info", "")]
    public void GetName_Priority_IsTheNameOfTheLevel(string priority, string level) =>
        Assert.Equal(level, Encoding.UTF8.GetString(JournalLevels.GetName(JournalLevels.Parse(Encoding.UTF8.GetBytes(priority)))));

    private List<string> Write(
        ReadOnlySpan<byte> unit, int priority, ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> pid, ReadOnlySpan<byte> transport, ReadOnlySpan<byte> bootId)
    {
        var entry = new JournalEntry(_units.Find(unit), priority)
        {
            RealtimeNs = 0,
            Identifier = identifier,
            Pid = pid,
            Transport = transport,
            BootId = bootId,
        };
        var target = new byte[JournalMetadata.MaxBytes];
        int length = JournalMetadata.Write(target, in entry);
        return [.. EntryAdapter.Parser.ParseFrom(target, 0, length).StructuredMetadata.Select(pair => $"{pair.Name}={pair.Value}")];
    }
}
