using System.Globalization;
using System.Text;
using Shipper.Journal;

namespace Shipper.Core.Tests.Journal;

public sealed class JournalReaderTests : IDisposable
{
    private static readonly DateTimeOffset FirstEntry = DateTimeOffset.FromUnixTimeSeconds(1_795_000_000);

    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Theory]
    [InlineData("compact-zstd.journal")]
    [InlineData("regular-zstd.journal")]
    [InlineData("old-plain.journal")]
    public void TryRead_FileFormat_ReadsAllEntries(string recording)
    {
        _journal.Add(recording);
        using JournalReader sut = _journal.Open();

        var seen = new List<string>();
        while (sut.TryRead(out JournalEntry entry))
        {
            seen.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{entry.RealtimeNs / 1_000_000_000 % 1000} {entry.Unit.Label} {Text(entry.Level)} {Text(entry.Identifier)} {Text(entry.Pid)} {Text(entry.Transport)} {entry.HasMessage} {Math.Min(entry.MessageLength, 65_537)}"));
            Assert.Equal("0123456789abcdef0123456789abcdef", Text(entry.BootId));
            Assert.False(entry.IsDamaged);
        }

        Assert.Equal(
            [
                "0 kubelet.service info kubelet 1000 stdout True 5",
                "1 getty@.service info kubelet 1001 stdout True 9",
                "2 scope info kubelet 1002 stdout True 15",
                "3 kernel warning kernel 1003 kernel True 13",
                "4 unknown info kubelet 1004 stdout True 7",
                "5 silent.service   5 journal False 0",
                "6 run-.service info kubelet 1006 stdout True 5000",
                "7 big.service info kubelet 1000 stdout True 65537",
                "8 cron.service  cron 77 syslog True 17",
                "9 empty.service info kubelet 1002 stdout True 0",
                "10 latin.service info kubelet 1003 stdout True 4",
                "11 twice.service    journal True 5",
            ],
            seen);
        Assert.Empty(sut.Problems);
        Assert.Equal((12, 0L, 0UL, 0L), (sut.EntryCount, sut.DamagedCount, sut.MissingCount, sut.FailureCount));
    }

    [Theory]
    [InlineData("compact-zstd.journal")]
    [InlineData("old-plain.journal")]
    public void TryRead_LongAndBinaryMessages_ReadsThemByteForByte(string recording)
    {
        _journal.Add(recording);
        using JournalReader sut = _journal.Open(maxMessageBytes: 1024 * 1024);

        Assert.Equal("two\nlines", Text(JournalFixture.ReadUnit(sut, "getty@tty1.service").Message));
        Assert.Equal("binary \0\u0001"u8.ToArray().Concat<byte>([0xff, 0xfe]).Concat(" end"u8.ToArray()), JournalFixture.ReadUnit(sut, "session-4.scope").Message.ToArray());
        JournalEntry big = JournalFixture.ReadUnit(sut, "big.service");
        Assert.Equal(306_000, big.MessageLength);
        Assert.Equal(306_000, big.Message.Length);
        Assert.Equal((byte)'y', big.Message[^1]);
    }

    [Fact]
    public void TryRead_MessageExceedsTheLimit_ReadsUpToTheLimit()
    {
        _journal.Add("compact-zstd.journal");
        using JournalReader sut = _journal.Open(maxMessageBytes: 300);

        JournalEntry big = JournalFixture.ReadUnit(sut, "big.service");

        Assert.Equal(300, big.Message.Length);
        Assert.True(big.MessageLength > 300);
    }

    [Fact]
    public void TryRead_AtTheEnd_ReturnsFalseAndKeepsTheCursor()
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open();

        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
        string? cursor = sut.GetCursor();

        Assert.False(sut.TryRead(out _));
        for (int i = 0; i < 5; i++)
        {
            _journal.RefreshLater(sut);
            Assert.False(sut.TryRead(out _));
        }

        Assert.Empty(sut.Problems);
        Assert.NotNull(cursor);
        Assert.Equal(cursor, sut.GetCursor());
    }

    [Fact]
    public void Open_AtAnyCursor_ContinuesAfterItsEntry()
    {
        _journal.Add("entries.journal");
        using JournalReader first = _journal.Open();

        for (int i = 0; i < 300; i += 37)
        {
            JournalFixture.ReadMessages(first, limit: i == 0 ? 1 : 37);
            using JournalReader sut = _journal.Open(first.GetCursor());

            Assert.Equal(first.GetCursor(), sut.GetCursor());
            Assert.Equal(
                Enumerable.Range(i + 1, 300 - i - 1).Select(number => $"entry {number}"),
                JournalFixture.ReadMessages(sut));
            Assert.NotNull(sut.GetCursor());
            Assert.Equal(0UL, sut.MissingCount);
        }
    }

    [Fact]
    public void Open_CursorWithOnlyATime_ContinuesAfterItsEntry()
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open(JournalCursor.OfTime(1_795_000_000_000_000 + 10_000));

        Assert.Equal("entry 11", JournalFixture.ReadMessages(sut)[0]);
    }

    [Fact]
    public void Open_EntryOfTheCursorIsGone_ContinuesAtTheNextEntry()
    {
        _journal.Add("entries.journal");
        using JournalReader first = _journal.Open();
        JournalFixture.ReadMessages(first, limit: 10);
        string cursor = first.GetCursor()!;

        // The cursor names an earlier sequence number than its entry has, as if the entry did not exist.
        Assert.True(JournalCursor.TryParse(cursor, out JournalCursor parsed));
        Assert.Equal(10UL, parsed.Sequence);
        string gone = cursor.Replace("i=a;", "i=5;", StringComparison.Ordinal);
        using JournalReader sut = _journal.Open(gone);
        List<string> messages = JournalFixture.ReadMessages(sut);
        sut.GetCursor();

        Assert.True(messages.Count >= 290);
        Assert.Equal("entry 299", messages[^1]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("s=zz;i=1")]
    public void Open_InvalidCursor_StartsAtTheGivenTime(string cursor)
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open(cursor, FirstEntry.AddMilliseconds(100));

        Assert.Equal(200, JournalFixture.ReadMessages(sut).Count);
    }

    [Fact]
    public void Open_CursorOfAnotherJournal_ContinuesByTime()
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open(
            "s=11111111111111111111111111111111;i=7;b=22222222222222222222222222222222;m=5;t=6608b39c3b0f0;x=1",
            FirstEntry);

        Assert.NotNull(JournalFixture.ReadMessages(sut));
        Assert.Equal(0UL, sut.MissingCount);
    }

    [Theory]
    [InlineData(0, "entry 0")]
    [InlineData(100, "entry 100")]
    [InlineData(-5000, "entry 0")]
    public void Open_Since_StartsThere(int milliseconds, string expected)
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open(since: FirstEntry.AddMilliseconds(milliseconds));

        Assert.Equal(expected, JournalFixture.ReadMessages(sut)[0]);
    }

    [Fact]
    public void Open_SinceIsAfterTheEnd_ReadsNothing()
    {
        _journal.Add("entries.journal");
        using JournalReader sut = _journal.Open(since: FirstEntry.AddDays(1));

        for (int i = 0; i < 5; i++)
        {
            Assert.False(sut.TryRead(out _));
            Assert.Null(sut.GetCursor());
            _journal.RefreshLater(sut);
            Assert.Empty(sut.Problems);
        }
    }

    [Fact]
    public void TryRead_DirectoryOfAnotherMachine_ReadsIt()
    {
        _journal.Add("entries.journal", "00112233445566778899aabbccddeeff/system.journal");
        using JournalReader sut = _journal.Open();

        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
        Assert.True(sut.IsReading);
    }

    [Fact]
    public void TryRead_AfterWarmUp_AllocatesNothing()
    {
        _journal.Add("entries.journal");
        using JournalReader warm = _journal.Open();
        using JournalReader sut = _journal.Open();
        JournalFixture.ReadMessages(sut, limit: 10);

        // Allocates what the first entry of each kind allocates once in a process.
        Count(warm);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = Count(sut);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(290, count);

        static int Count(JournalReader reader)
        {
            Span<byte> target = stackalloc byte[JournalMetadata.MaxBytes];
            int count = 0;
            while (reader.TryRead(out JournalEntry entry))
            {
                JournalMetadata.Write(target, in entry);
                count++;
            }

            return count;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
