using Shipper.Core.Tests.Tailing;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>Outages of Loki that last hours, in fake time.</summary>
[Trait("Speed", "Slow")]
public class OutageTests : LogFileFixture
{
    private const int MaxFiles = 5;

    /// <summary>
    /// A pod keeps writing; its files are rotated every ten minutes, compressed and deleted, as kubelet does. Halfway through, the agent is killed or shut
    /// down: a kill loses what only open handles hold, and it is counted as lost.
    /// </summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(24, null)]
    [InlineData(24, "stop")]
    [InlineData(24, "kill")]
    public void Turn_OutageForHours_RepeatsNothingAndLosesOnlyHeldFilesOfAKilledAgent(int hours, string? halfway)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 20);
        sut.Find();
        var files = new Queue<string>();
        long deletedBytes = 0;
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        for (int minute = 1; minute <= hours * 60; minute++)
        {
            Append(sut.Log, 20);
            if (minute % 10 == 0)
            {
                deletedBytes += Rotate(sut.Log, files, minute);
            }

            if (minute == hours * 30 && halfway is not null)
            {
                sut.TurnOnce();
                Action restart = halfway == "stop" ? () => sut.Stop() : sut.Restart;
                restart();
                sut.Find();
            }

            sut.Time.Advance(TimeSpan.FromMinutes(1));
            sut.TurnOnce();
        }

        Assert.Equal(20, sut.Lines.Count());
        Assert.True(sut.Status.HeldBytes > 0 == deletedBytes > 0);
        sut.AcceptAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.TurnWithoutEvent();
        sut.TurnWithoutEvent();

        Assert.Equal(sut.Lines, sut.Lines.Distinct());
        Assert.Equal(sut.Lines, sut.Lines.OrderBy(line => int.Parse(line.AsSpan("line ".Length), System.Globalization.CultureInfo.InvariantCulture)));

        // The push that was saved when the agent ended is too old for Loki to confirm.
        Assert.InRange(sut.Metrics.PossibleDuplicates.Get(), 0, halfway is null ? 0 : 20);
        Assert.Equal(0, sut.Status.LagBytes);
        if (halfway != "kill")
        {
            AssertComplete(sut);
            Assert.Empty(sut.Notices);
        }
        else
        {
            Assert.NotEmpty(sut.Notices);
            Assert.Equal(sut.Ledger.Written, sut.Ledger.Acknowledged + sut.Metrics.LostBytes.Get(LossReasons.Deleted));
        }
    }

    /// <returns>The number of bytes of the deleted file.</returns>
    private static long Rotate(string log, Queue<string> files, int minute)
    {
        long deleted = 0;
        if (files.Count == MaxFiles - 1)
        {
            string oldest = files.Dequeue();
            deleted = new FileInfo(oldest + ".gz").Length;
            File.Delete(oldest + ".gz");
        }

        if (files.LastOrDefault() is { } plain)
        {
            Compress(plain);
        }

        string name = log + new DateTime(2026, 11, 23).AddMinutes(minute).ToString("'.'yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture);
        File.Move(log, name);
        File.Create(log).Dispose();
        files.Enqueue(name);
        return deleted;
    }
}
