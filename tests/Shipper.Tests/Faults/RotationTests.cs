using System.Diagnostics;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class RotationTests
{
    private const long RotatedAbove = 10 * 1024 * 1024;

    /// <summary>One pod writes 20 MB a second and is rotated above 10 MiB, with five generations, three of them compressed.</summary>
    [Fact]
    public async Task Rotate_TwentyMegabytesPerSecond_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, pods: 1, lineBytes: 1000);
        PodLog pod = run.Pods[0];
        await using RunningShipper sut = run.Start();
        await sut.WaitUntilReadyAsync();
        int seconds = FaultRun.Choose(5, 30);
        long start = Stopwatch.GetTimestamp();
        for (long elapsed = 0; elapsed < seconds * 1000L; elapsed = (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds)
        {
            // Catches up after the machine was slow, so that it writes 20 MB in each second.
            pod.Write((int)Math.Clamp((elapsed * 20) - pod.Count, 1, 2000));
            if (pod.LiveBytes > RotatedAbove)
            {
                // The agent must have a file open before it is deleted, however busy the machine is.
                await run.WaitUntilSeenAsync(sut);
                pod.Rotate();
            }

            await FaultRun.PauseAsync(TimeSpan.FromMilliseconds(10));
        }

        double writing = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await run.AssertDeliveredOnceAsync(sut);
        FaultRun.Log($"{pod.Count / 1000.0 / writing:0.0} MB/s written, {pod.Deleted.Count} generations deleted, all delivered {Stopwatch.GetElapsedTime(start).TotalSeconds - writing:0.0} s after the end");
    }

    /// <summary>Many rotations of small files, faster than the agent scans.</summary>
    [Fact]
    public async Task Rotate_FasterThanTheScan_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, pods: 5);
        await using RunningShipper sut = run.Start();
        for (int round = 0; round < FaultRun.Choose(60, 600); round++)
        {
            foreach (PodLog pod in run.Pods)
            {
                pod.Write(run.Random.Next(1, 200));
                await run.RotateAsync(pod);
            }

            await run.PauseUpToAsync(50);
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>No agent runs while files are rotated three times. The partly read file is a .gz by then.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_AfterThreeRotations_ResumesInTheCompressedFile(bool killed)
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, pods: 5);
        for (int round = 0; round < FaultRun.Choose(2, 10); round++)
        {
            await using RunningShipper sut = run.Start();
            await run.WriteForAsync(TimeSpan.FromSeconds(1), linesPerBurst: 50);
            if (killed)
            {
                await sut.KillAsync();
            }
            else
            {
                Assert.Equal(0, await sut.StopAsync());
            }

            for (int rotation = 0; rotation < 3; rotation++)
            {
                run.Pods.ForEach(pod => pod.Write(run.Random.Next(1, 2000)));
                run.Pods.ForEach(pod => pod.Rotate());
            }

            run.Pods.ForEach(pod => pod.Write(run.Random.Next(1, 100)));

            // Waits for delivery and stops cleanly, so that the rotations of the next round delete nothing that is still needed.
            await using RunningShipper after = run.Start();
            await run.AssertDeliveredOnceAsync(after);
        }
    }

    /// <summary>Times in the log go back, and the lines keep the order in which they were written.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clock_SetBackByTwoHours_DeliversEachLineOnceAndInOrder(bool killed)
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, pods: 5);
        run.Pods.ForEach(pod => pod.Settled = killed ? 0 : null);
        RunningShipper sut = run.Start();
        try
        {
            foreach (TimeSpan offset in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromHours(-2), TimeSpan.Zero])
            {
                run.Pods.ForEach(pod => pod.ClockOffset = offset);
                for (int i = 0; i < 3; i++)
                {
                    await run.WriteForAsync(TimeSpan.FromMilliseconds(500), rotates: true);
                    if (killed)
                    {
                        await sut.KillAsync();
                        await sut.DisposeAsync();
                        sut = run.Start();
                    }

                    // Wait for delivery between two changes of the clock, so that rotation may delete files again. The clock never changes while everything is
                    // settled.
                    if (killed && i == 1)
                    {
                        await run.SettleAsync(sut);
                        await sut.DisposeAsync();
                        sut = run.Start();
                    }
                }
            }

            await run.AssertDeliveredOnceAsync(sut);
        }
        finally
        {
            await sut.DisposeAsync();
        }
    }
}
