using System.Diagnostics;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// A state directory without free space: a file system of 512 KiB mounted over it, which requires root and permission to mount, or a limit on the
/// size of files, which any user may set.
/// </summary>
public class FullDiskTests
{
    private const int Pods = 5;

    /// <summary>
    /// The disk of the checkpoint is full for a while. The agent keeps sending, and once there is space again, a kill finds a complete checkpoint.
    /// </summary>
    [Fact]
    public async Task DiskFull_SpaceFreedLater_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        await MountOrSkipAsync(run.Node.State);
        try
        {
            await using (RunningShipper sut = run.Start())
            {
                await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
                string filler = Fill(run.Node.State);
                await run.WriteForAsync(TimeSpan.FromSeconds(3), rotates: true);
                await run.WaitUntilDeliveredAsync(sut);
                File.Delete(filler);
                DateTime room = TimeProvider.System.GetUtcNow().UtcDateTime;

                // The agent tries to write new checkpoint files each second.
                await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
                await RunningShipper.WaitUntilAsync(
                    () => Task.FromResult(Directory.EnumerateFiles(run.Node.State, "*.snapshot").Any(path => File.GetLastWriteTimeUtc(path) > room)),
                    () => "The agent does not write its checkpoint again.");
                await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
                await sut.KillAsync();
            }

            await using RunningShipper last = run.Start();
            await run.AssertDeliveredOnceAsync(last);
        }
        finally
        {
            await RunAsync($"umount '{run.Node.State}'");
        }
    }

    /// <summary>No file may grow beyond a few KiB in any run. After a clean stop, the agent still knows its positions.</summary>
    [Fact]
    public async Task FileSizeLimited_CleanStops_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        for (int round = 0; round < 3; round++)
        {
            await using RunningShipper sut = run.Start(wrapper: RunningShipper.LimitFileSize(16));
            await run.WriteForAsync(TimeSpan.FromSeconds(1), rotates: true);
            await run.WaitUntilDeliveredAsync(sut);

            // The new checkpoint files come within a second.
            await FaultRun.PauseAsync(TimeSpan.FromSeconds(1.5));
            Assert.Equal(0, await sut.StopAsync());
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last);
    }

    /// <summary>Killed while nothing can be written: the checkpoint shows that something is missing, and the agent asks Loki.</summary>
    [Fact]
    public async Task DiskFull_AgentKilled_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        await MountOrSkipAsync(run.Node.State);
        try
        {
            await using (RunningShipper sut = run.Start())
            {
                await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
                Fill(run.Node.State);
                await run.WriteForAsync(TimeSpan.FromSeconds(2));
                await sut.KillAsync();
            }

            File.Delete(Path.Combine(run.Node.State, "filler"));
            await using RunningShipper last = run.Start();
            await run.AssertDeliveredOnceAsync(last, mayMiscount: true);
        }
        finally
        {
            await RunAsync($"umount '{run.Node.State}'");
        }
    }

    /// <summary>A successor would find neither the positions nor the deleted files that are held, so the reload waits until there is space.</summary>
    [Fact]
    public async Task DiskFull_Reload_WaitsForSpaceAndLosesNothing()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        await MountOrSkipAsync(run.Node.State);
        try
        {
            await using RunningShipper sut = run.Start(wrapper: "exec env --default-signal=HUP \"$@\"");
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
            string filler = Fill(run.Node.State);
            await run.WriteForAsync(TimeSpan.FromSeconds(2), rotates: true);
            await sut.SignalAsync("HUP");
            await sut.WaitForLogAsync("once the positions can be saved");
            await run.WriteForAsync(TimeSpan.FromSeconds(2), rotates: true);
            Assert.DoesNotContain(sut.Log, line => line.Contains("The new configuration is in use", StringComparison.Ordinal));

            File.Delete(filler);
            await sut.WaitForLogAsync("The new configuration is in use");
            await run.AssertDeliveredOnceAsync(sut);
        }
        finally
        {
            await RunAsync($"umount '{run.Node.State}'");
        }
    }

    private static string Fill(string directory)
    {
        string path = Path.Combine(directory, "filler");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[1024];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    /// <summary>Mounts a small file system, or skips the test.</summary>
    private static async Task MountOrSkipAsync(string directory)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may mount a small file system.");
        (int exitCode, string error) = await RunAsync($"mount -t tmpfs -o size=512k tmpfs '{directory}'");
        Assert.SkipUnless(exitCode == 0, $"A small file system can't be mounted: {error.Trim()}");
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
