namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Rotations between the listing of a directory and the opening of the files that it shows.</summary>
public class MovingNamesTests : LogFileFixture
{
    private const string First = ".20261123-012803";
    private const string Second = ".20261123-012809";
    private const string Third = ".20261123-012815";

    [Fact]
    public void Rename_OfTheLiveFile_DoesNotPutTheNextBeforeIt()
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
    public void Compress_OfTheFileBeforeTheLiveOne_DoesNotPutThatBeforeIt()
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
    public void Compress_AndRename_DoesNotPutNewerOnesBefore()
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
    /// The open file is neither in the listing nor was it seen to be deleted: only its compressed copy tells its place, and who was empty when it was
    /// looked at does not know that copy by its content.
    /// </summary>
    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void Compress_BetweenTheLookAndTheListing_IsReadInOrderAndOnce(int linesBefore)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, linesBefore);
        sut.Find();
        BetweenTheNextLookAndTheListing(sut, () =>
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

    /// <summary>kubelet renames the file, and the runtime writes to it until it is told to open the new one.</summary>
    [Fact]
    public void Write_ToTheOldFileAndThenTheNewOneBehindTheListing_ReadsTheOldFileFirst()
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

        // Noticed by a look at the open files, behind which nothing is looked at again before it is read.
        File.Delete(sut.Log + First);
        sut.TurnUnseen();

        AssertComplete(sut);
    }

    /// <summary>A log is rotated between any two steps of the agent, up to three times in each of its turns.</summary>
    [Trait("Speed", "Slow")]
    [Theory]
    [InlineData(300, true, true)]
    [InlineData(60, false, true)]
    [InlineData(60, false, false)]
    public async Task Rotations_WhileTheAgentReads_AreReadInOrder(int rotations, bool isDated, bool compresses)
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
    public void Numbers_MoveOn_DoesNotPutNewerOnesBefore()
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
    public void Numbers_MoveOn_WhatWasReadBeforeARestartIsNotLost()
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
    public void Numbers_MoveOnAtTheStart_AreReadOldestFirst()
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

    /// <summary>All was read of a first file, which was rotated, and the next one was not seen yet.</summary>
    private TailingFixture ReadFirst(string suffix = First)
    {
        var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        File.Move(sut.Log, sut.Log + suffix);

        // What can't be opened comes first by its name, and the log says so.
        File.CreateSymbolicLink(sut.Log + ".9", sut.Log + ".9");
        return sut;
    }

    /// <summary>Does something once, when the next scan has looked at the files that are open, and not yet listed the directory.</summary>
    private static void BetweenTheNextLookAndTheListing(TailingFixture sut, Action action)
    {
        // Looked at behind the log, and found to be truncated, which is logged.
        string other = sut.FindBeside("other");
        File.WriteAllText(other, "2026-11-23T01:21:26Z stdout F line\n");
        sut.Turn();
        Truncate(other);
        AtMessage(sut, other, action);
    }

    private static void AtNextScan(TailingFixture sut, Action action) => AtNextScan(sut, ".9", action);

    /// <summary>Does something once, when the next scan has come to a file: names are listed, and those behind it not opened yet.</summary>
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
