namespace Shipper.Tailing;

/// <summary>Rotations between the listing of a directory and the opening of the files that it shows.</summary>
public class MovingNamesTests : LogFileTests
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

    private static void AtNextScan(TailingFixture sut, Action action) => AtNextScan(sut, ".9", action);

    /// <summary>Does something once, when the next scan has come to a file: names are listed, and those behind it not opened yet.</summary>
    private static void AtNextScan(TailingFixture sut, string suffix, Action action) => sut.Messages.Logged = message =>
    {
        if (message.Contains(sut.Log + suffix, StringComparison.Ordinal))
        {
            sut.Messages.Logged = null;
            action();
        }
    };
}
