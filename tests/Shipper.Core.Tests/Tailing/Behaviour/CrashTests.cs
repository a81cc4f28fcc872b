namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>The machine crashes: the last second of checkpoints and logs did not reach the disk.</summary>
public class CrashTests : LogFileFixture
{
    [Fact]
    public void Crash_AcknowledgementsNotOnDisk_SendsNothingTwice()
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> onDisk = SendMoreThanOnDisk(sut);

        sut.Crash(onDisk);
        sut.Find();
        Append(sut.Log, 3);
        sut.Turn();

        AssertComplete(sut);
        Assert.False(sut.Status.HasUnconfirmed);
    }

    [Fact]
    public void Crash_KilledBeforeQueryingLoki_SendsNothingTwice()
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> onDisk = SendMoreThanOnDisk(sut);

        sut.Crash(onDisk);
        sut.Restart();
        sut.Find();

        AssertComplete(sut);
    }

    [Fact]
    public void Crash_LogShorterThanSentBytes_ResumesAtItsEnd()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        long onDisk = new FileInfo(sut.Log).Length;
        Append(sut.Log, 300);
        sut.Find();
        using (FileStream log = File.OpenWrite(sut.Log))
        {
            log.SetLength(onDisk);
        }

        sut.Crash(sut.ReadState());
        sut.Find();
        File.AppendAllText(sut.Log, "2026-11-23T09:21:26Z stdout F after the crash\n");
        sut.Turn();

        Assert.Equal(601, sut.Lines.Count());
        Assert.Equal("after the crash", sut.Lines.Last());
        Assert.Equal(0, sut.Metrics.LostBytes.Get("truncated"));
    }

    [Fact]
    public void Crash_LogShorterThanSeenBytes_CountsMissingBytes()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        long onDisk = new FileInfo(sut.Log).Length;
        sut.Withhold();
        Append(sut.Log, 1);
        sut.Turn();
        long seen = new FileInfo(sut.Log).Length;
        using (FileStream log = File.OpenWrite(sut.Log))
        {
            log.SetLength(onDisk);
        }

        sut.Crash(sut.ReadState());
        sut.Find();

        Assert.Equal(300, sut.Lines.Count());
        Assert.Equal(seen - onDisk, sut.Metrics.LostBytes.Get("truncated"));
    }

    /// <returns>The checkpoints from before the last lines were sent.</returns>
    private IReadOnlyDictionary<string, byte[]> SendMoreThanOnDisk(TailingFixture sut)
    {
        Append(sut.Log, 3);
        sut.Find();
        IReadOnlyDictionary<string, byte[]> onDisk = sut.ReadState();
        Append(sut.Log, 3);
        sut.Turn();
        return onDisk;
    }
}
