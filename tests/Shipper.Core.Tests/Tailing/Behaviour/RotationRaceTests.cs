namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Rotations between listing a directory and opening the files listed.</summary>
public class RotationRaceTests : LogFileFixture
{
    private const string First = ".20261123-012803";
    private const string Second = ".20261123-012809";
    private const string Third = ".20261123-012815";

    [Fact]
    public void Scan_LiveFileRenamedDuringScan_KeepsOrder()
    {
        using TailingFixture sut = ReadFirst();
        Append(sut.Log, 5);
        AtNextScan(sut, () =>
        {
            File.Move(sut.Log, sut.Log + Second);
            Append(sut.Log, 5);
        });

        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Scan_RotatedFileCompressedDuringScan_KeepsOrder()
    {
        using TailingFixture sut = ReadFirst();
        Append(sut.Log, 5);
        File.Move(sut.Log, sut.Log + Second);
        Append(sut.Log, 5);
        AtNextScan(sut, () => Compress(sut.Log + Second));

        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Scan_FilesCompressedAndRenamedDuringScan_KeepsOrder()
    {
        using TailingFixture sut = ReadFirst();
        Append(sut.Log, 5);
        File.Move(sut.Log, sut.Log + Second);
        Append(sut.Log, 5);
        AtNextScan(sut, () =>
        {
            Compress(sut.Log + Second);
            File.Move(sut.Log, sut.Log + Third);
            Append(sut.Log, 5);
        });

        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>
    /// The open file is neither in the listing nor seen to be deleted: only its compressed copy shows its place. If the file was empty at the last check,
    /// its content does not identify the copy.
    /// </summary>
    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void Scan_CompressedBetweenCheckAndListing_ReadsOnceInOrder(int linesBefore)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, linesBefore);
        sut.Find();
        BetweenCheckAndListing(sut, () =>
        {
            Append(sut.Log, 5);
            File.Move(sut.Log, sut.Log + First);
            Append(sut.Log, 5);
            Compress(sut.Log + First);
            File.Move(sut.Log, sut.Log + Second);
            Append(sut.Log, 5);
        });

        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>kubelet renames the file, and the runtime keeps writing to it until it is told to open the new one.</summary>
    [Fact]
    public void Scan_OldAndNewFileWrittenAfterListing_ReadsOldFileFirst()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        File.Move(sut.Log, sut.Log + First);
        Append(sut.Log, 5);
        sut.Turn();
        using FileStream old = OpenAsWriter(sut.Log);
        File.Move(sut.Log, sut.Log + Second);
        using FileStream live = OpenAsWriter(sut.Log);
        File.CreateSymbolicLink(sut.Log + ".9", sut.Log + ".9");
        AtNextScan(sut, ".9", () =>
        {
            Append(old, 5);
            Append(live, 5);
        });

        // A check of the open files notices the deletion. No file is checked again between that check and the read.
        File.Delete(sut.Log + First);
        sut.TurnWithoutEvent();

        AssertComplete(sut);
    }

    /// <summary>The log is rotated between any two steps of the agent, up to three times in each turn.</summary>
    [Trait("Speed", "Slow")]
    [Theory]
    [InlineData(300, true, true)]
    [InlineData(60, false, true)]
    [InlineData(60, false, false)]
    public async Task Turn_RotatedConcurrently_ReadsInOrder(int rotations, bool isDated, bool compresses)
    {
        const int PerTurn = 3;
        using var sut = new TailingFixture();
        Append(sut.Log, 1);
        sut.Find();
        using var allowed = new SemaphoreSlim(0);
        Task rotating = Task.Run(
            () =>
            {
                // Oldest first.
                var rotated = new List<string>();
                for (int i = 0; i < rotations; i++)
                {
                    allowed.Wait(TestContext.Current.CancellationToken);
                    Append(sut.Log, 1 + (i % 20));
                    for (int number = 0; !isDated && number < rotated.Count; number++)
                    {
                        string next = $"{sut.Log}.{rotated.Count - number + 1}{(rotated[number].EndsWith(".gz", StringComparison.Ordinal) ? ".gz" : "")}";
                        File.Move(rotated[number], next);
                        rotated[number] = next;
                    }

                    if (compresses && rotated.Count > 0)
                    {
                        Compress(rotated[^1]);
                        rotated[^1] += ".gz";
                    }

                    rotated.Add(isDated ? $"{sut.Log}.20261123-{i:D6}" : sut.Log + ".1");
                    File.Move(sut.Log, rotated[^1]);
                    File.Create(sut.Log).Dispose();
                }
            },
            TestContext.Current.CancellationToken);
        while (!rotating.IsCompleted)
        {
            if (allowed.CurrentCount == 0)
            {
                allowed.Release(PerTurn);
            }

            sut.TurnOnce();
        }

        await rotating;
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Scan_NumberedFilesRenamedDuringScan_KeepsOrder()
    {
        using TailingFixture sut = ReadFirst(".1");
        Append(sut.Log, 5);
        File.Move(sut.Log + ".1", sut.Log + ".2");
        File.Move(sut.Log, sut.Log + ".1");
        Append(sut.Log, 5);
        AtNextScan(sut, () =>
        {
            File.Move(sut.Log + ".2", sut.Log + ".3");
            File.Move(sut.Log + ".1", sut.Log + ".2");
            File.Move(sut.Log, sut.Log + ".1");
            Append(sut.Log, 5);
        });

        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Restart_NumberedFilesRenamedDuringFirstScan_LosesNothing()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        Append(sut.Log, 5);
        sut.Restart();
        File.Move(sut.Log, sut.Log + ".1");
        Append(sut.Log, 5);
        File.CreateSymbolicLink(sut.Log + ".9", sut.Log + ".9");
        AtNextScan(sut, () =>
        {
            File.Delete(sut.Log + ".9");
            File.Move(sut.Log + ".1", sut.Log + ".2");
            File.Move(sut.Log, sut.Log + ".1");
            Append(sut.Log, 5);
        });

        sut.Find();

        AssertComplete(sut);
        Assert.Empty(sut.Notices);
    }

    [Fact]
    public void Start_NumberedFilesRenamedDuringFirstScan_ReadsOldestFirst()
    {
        using var sut = new TailingFixture();
        Append(sut.Log + ".2", 5);
        Append(sut.Log + ".1", 5);
        Append(sut.Log, 5);
        AtNextScan(sut, ".2", () =>
        {
            File.Move(sut.Log + ".2", sut.Log + ".3");
            File.Move(sut.Log + ".1", sut.Log + ".2");
            File.Move(sut.Log, sut.Log + ".1");
            Append(sut.Log, 5);
        });

        sut.Find();

        AssertComplete(sut);
    }

    /// <summary>A first file was read to its end and rotated. The agent has not seen the next one yet.</summary>
    private TailingFixture ReadFirst(string suffix = First)
    {
        var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        File.Move(sut.Log, sut.Log + suffix);

        // This link can't be opened. Its name comes first, and the failure is logged, which starts the action of AtNextScan.
        File.CreateSymbolicLink(sut.Log + ".9", sut.Log + ".9");
        return sut;
    }

    /// <summary>Does something once, when the next scan has checked the open files and has not listed the directory yet.</summary>
    private static void BetweenCheckAndListing(TailingFixture sut, Action action)
    {
        // The scan checks this file after the log and logs that it is truncated, which starts the action.
        string other = sut.FindInSameDirectory("other");
        File.WriteAllText(other, "2026-11-23T01:21:26Z stdout F line\n");
        sut.Turn();
        Truncate(other);
        AtMessage(sut, other, action);
    }

    private static void AtNextScan(TailingFixture sut, Action action) => AtNextScan(sut, ".9", action);

    /// <summary>Does something once, when the next scan reaches a file: the names are listed, and the files after it are not open yet.</summary>
    private static void AtNextScan(TailingFixture sut, string suffix, Action action) => AtMessage(sut, sut.Log + suffix, action);

    private static void AtMessage(TailingFixture sut, string text, Action action) => sut.Messages.Logged = message =>
    {
        if (message.Contains(text, StringComparison.Ordinal))
        {
            sut.Messages.Logged = null;
            action();
        }
    };
}
