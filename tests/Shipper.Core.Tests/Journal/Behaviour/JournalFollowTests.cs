using System.Diagnostics;
using Shipper.Journal;

namespace Shipper.Core.Tests.Journal.Behaviour;

public sealed class JournalFollowTests : IDisposable
{
    private const string Machine = "00112233445566778899aabbccddeeff";

    // Far longer than the other process needs on a busy machine.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    private readonly JournalFixture _journal = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Live => Path.Combine(_journal.Path, Machine, "system.journal");

    public void Dispose() => _journal.Dispose();

    /// <summary>Number of journal files of this test that the process has open. Other tests open and close their own meanwhile.</summary>
    private int CountOpenFiles() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(link => new FileInfo(link).LinkTarget is { } path && path.StartsWith(_journal.Path, StringComparison.Ordinal) && path.EndsWith(".journal", StringComparison.Ordinal));

    [Fact]
    public async Task Follow_EntriesBeingWritten_ReadsThemOnceAndInOrder()
    {
        using var writer = new JournalWriter(Live);
        using JournalReader sut = _journal.Open();

        for (int i = 0; i < 10; i++)
        {
            await writer.WriteAsync(i * 50, 50, Cancellation);
            await ExpectAsync(sut, i * 50, 50);
        }

        Assert.Equal((0UL, 0L), (sut.MissingCount, sut.FailureCount));
        Assert.Empty(sut.Problems);
    }

    [Fact]
    public async Task Follow_Rotation_LosesAndRepeatsNothing()
    {
        using JournalReader sut = _journal.Open();
        for (int rotation = 0; rotation < 5; rotation++)
        {
            using var writer = new JournalWriter(Live);
            await writer.WriteAsync(rotation * 100, 60, Cancellation);
            if (rotation % 2 == 0)
            {
                await ExpectAsync(sut, rotation * 100, 60);
                await writer.WriteAsync((rotation * 100) + 60, 40, Cancellation);
                await writer.EndAsync(Cancellation);
                File.Move(Live, Live.Replace("system", $"system@{rotation}", StringComparison.Ordinal));
                await ExpectAsync(sut, (rotation * 100) + 60, 40);
            }
            else
            {
                // Read only after the file was renamed.
                await writer.WriteAsync((rotation * 100) + 60, 40, Cancellation);
                await writer.EndAsync(Cancellation);
                File.Move(Live, Live.Replace("system", $"system@{rotation}", StringComparison.Ordinal));
                await ExpectAsync(sut, rotation * 100, 100);
            }
        }

        _journal.RefreshLater(sut);
        Assert.False(sut.TryRead(out _));
        Assert.Empty(sut.Problems);
        Assert.Equal((5, 0L), (CountOpenFiles(), sut.FailureCount));
    }

    [Fact]
    public async Task Follow_FilesDeletedAfterReading_LosesAndCountsNothing()
    {
        using JournalReader sut = _journal.Open();
        for (int rotation = 0; rotation < 4; rotation++)
        {
            using var writer = new JournalWriter(Live);
            await writer.WriteAsync(rotation * 10, 10, Cancellation);
            await writer.EndAsync(Cancellation);
            await ExpectAsync(sut, rotation * 10, 10);
            File.Delete(Live);
            sut.Refresh();
            Assert.NotNull(sut.GetCursor());
        }

        Assert.False(sut.TryRead(out _));
        _journal.RefreshLater(sut);
        Assert.Equal([JournalProblemReasons.NoFiles], sut.Problems.Select(problem => problem.Reason));
    }

    [Fact]
    public async Task Open_FileOfTheCursorWasDeleted_ContinuesAtTheNextEntry()
    {
        string archived = Path.Combine(_journal.Path, Machine, "system@1.journal");
        using (var writer = new JournalWriter(archived))
        {
            await writer.WriteAsync(0, 100, Cancellation);
            await writer.EndAsync(Cancellation);
        }

        string? cursor;
        using (JournalReader first = _journal.Open())
        {
            Assert.Equal(40, JournalFixture.ReadMessages(first, limit: 40).Count);
            cursor = first.GetCursor();
        }

        using (var writer = new JournalWriter(Live))
        {
            await writer.WriteAsync(100, 10, Cancellation);
            await writer.EndAsync(Cancellation);
        }

        File.Delete(archived);
        using JournalReader sut = _journal.Open(cursor);

        Assert.Equal(Numbers(100, 10), JournalFixture.ReadMessages(sut));
    }

    [Fact]
    public async Task Follow_RestartsAtEachCursor_ReadsEachEntryOnce()
    {
        using var writer = new JournalWriter(Live);
        string? cursor = null;
        for (int i = 0; i < 6; i++)
        {
            await writer.WriteAsync(i * 20, 20, Cancellation);
            using JournalReader sut = _journal.Open(cursor);
            await ExpectAsync(sut, i * 20, 20);
            cursor = sut.GetCursor();
        }
    }

    [Fact]
    public async Task Follow_DirectoryIsRecreated_ReadsItFromTheStart()
    {
        string directory = Path.Combine(_journal.Path, Machine);
        using JournalReader sut = _journal.Open(directory: directory);
        using (var writer = new JournalWriter(Live))
        {
            await writer.WriteAsync(0, 10, Cancellation);
            await writer.EndAsync(Cancellation);
        }

        await ExpectAsync(sut, 0, 10);
        Directory.Delete(directory, recursive: true);
        _journal.RefreshLater(sut);
        Assert.Equal([JournalProblemReasons.NoDirectory], sut.Problems.Select(problem => problem.Reason));

        using (var writer = new JournalWriter(Live))
        {
            await writer.WriteAsync(10, 10, Cancellation);
            await writer.EndAsync(Cancellation);
        }

        await ExpectAsync(sut, 10, 10);
        Assert.Empty(sut.Problems);
    }

    [Fact]
    public async Task Follow_WriterIsKilled_ReadsTheRestOfItsFileAndTheNext()
    {
        using JournalReader sut = _journal.Open();
        using (var writer = new JournalWriter(Live))
        {
            await writer.WriteAsync(0, 30, Cancellation);
            await ExpectAsync(sut, 0, 30);
        }

        File.Move(Live, Live + "~");
        using (var writer = new JournalWriter(Live))
        {
            await writer.WriteAsync(30, 30, Cancellation);
            await ExpectAsync(sut, 30, 30);
        }

        Assert.Empty(sut.Problems);
    }

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => $"entry {i}");

    /// <summary>Follows the journal until this many entries were read, and checks that they are the expected ones.</summary>
    private async Task ExpectAsync(JournalReader reader, int first, int count)
    {
        var messages = new List<string>();
        long start = Stopwatch.GetTimestamp();
        while (messages.Count < count && Stopwatch.GetElapsedTime(start) < MaxWait)
        {
            // The reader's checks use the fake clock; the other process needs real time.
            _journal.Time.Advance(TimeSpan.FromSeconds(1));
            reader.Refresh();
            messages.AddRange(JournalFixture.ReadMessages(reader));
            if (messages.Count < count)
            {
                // Another process writes the journal, in real time.
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
            }
        }

        Assert.Equal(Numbers(first, count), messages);
    }
}
