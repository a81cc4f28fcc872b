using Shipper.Journal;

namespace Shipper.Core.Tests.Journal.Behaviour;

public sealed class JournalDamageTests : IDisposable
{
    private const int Runs = 150;

    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void Refresh_LibraryDoesNotReturnTheNewestEntries_ReportsStalled()
    {
        byte[] file = File.ReadAllBytes(_journal.Add("entries.journal"));

        // n_entries at offset 152: the library relies on it. The time of the newest entry remains.
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(152), 100);
        File.WriteAllBytes(Path.Combine(_journal.Path, "entries.journal"), file);
        using JournalReader sut = _journal.Open();

        Assert.Equal(100, JournalFixture.ReadMessages(sut).Count);
        for (int i = 0; i < 3; i++)
        {
            Assert.Empty(sut.Problems);
            _journal.RefreshLater(sut);
            Assert.False(sut.TryRead(out _));
        }

        Assert.Equal([JournalProblemReasons.Stalled], sut.Problems.Select(problem => problem.Reason));
    }

    [Trait("Speed", "Slow")]
    [Fact]
    public void TryRead_DamagedBytes_EndsAndReportsMissingEntries()
    {
        byte[] good = File.ReadAllBytes(_journal.Add("entries.journal", "good/system.journal"));
        int used = Array.FindLastIndex(good, value => value != 0) + 1;
        var random = new Random(11);
        int complete = 0;
        ulong missing = 0;
        for (int run = 0; run < Runs; run++)
        {
            byte[] bad = [.. good];
            for (int i = random.Next(1, 20); i > 0; i--)
            {
                // After the header, which is checked only when the file is opened.
                bad[random.Next(272, used)] = (byte)random.Next(256);
            }

            string directory = Directory.CreateDirectory(Path.Combine(_journal.Path, $"run{run}")).FullName;
            string path = Path.Combine(directory, "system.journal");
            File.WriteAllBytes(path, bad);
            using JournalReader sut = _journal.Open(directory: directory);

            var given = new List<int>();
            for (int refresh = 0; refresh < 10; refresh++)
            {
                while (sut.TryRead(out JournalEntry entry))
                {
                    Assert.True(given.Count < 2 * 300, $"run {run}: too many entries");
                    given.Add((int)((entry.RealtimeNs / 1_000_000) - 1_795_000_000_000));
                }

                sut.GetCursor();
                _journal.RefreshLater(sut);
            }

            // Entries missing before the first or after the last one read leave no gap in the numbers.
            if (given.Zip(given.Skip(1), (one, next) => next - one).Any(step => step > 1) && sut.Problems.Count == 0 && sut.DamagedCount == 0 && sut.FailureCount == 0 && sut.MissingCount == 0)
            {
                Assert.Fail($"run {run}: {given.Count} of 300 entries, and no problem reported");
            }

            missing += sut.MissingCount;
            complete += given.Count == 300 ? 1 : 0;
            Directory.Delete(directory, recursive: true);
        }

        Assert.InRange(complete, 1, Runs - 1);
        Assert.True(missing > 0);
    }
}
