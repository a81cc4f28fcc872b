using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class CheckpointDamageTests
{
    private const int Pods = 5;

    /// <summary>
    /// Between two runs the newest file is truncated or garbled, as by a power cut or a bad disk. The agent no longer knows that some lines were
    /// acknowledged and could send them again; it asks Loki instead.
    /// </summary>
    [Theory]
    [InlineData("log", "cut")]
    [InlineData("log", "garbled")]
    [InlineData("log", "emptied")]
    [InlineData("snapshot", "cut")]
    [InlineData("snapshot", "garbled")]
    [InlineData("snapshot", "emptied")]
    public async Task Start_NewestCheckpointFileDamaged_DeliversEachLineOnce(string kind, string damage)
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        for (int round = 0; round < FaultRun.Choose(3, 20); round++)
        {
            string? before = FindNewest(run, kind);
            await using RunningShipper sut = run.Start();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(400 + run.Random.Next(400)), rotates: true);

            // Each run starts new files, and the first run must have written something to them.
            await sut.WaitUntilAsync(() => FindNewest(run, kind) is { } newest && newest != before);
            await RunningShipper.WaitUntilAsync(async () => await loki.CountAsync() > 0, () => $"The agent sends nothing.\n{string.Join('\n', sut.Log)}");
            if (round % 2 == 0)
            {
                await sut.KillAsync();
            }
            else
            {
                await sut.StopAsync();
            }

            Damage(run, kind, damage);
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last, mayMiscount: true);
    }

    private static string? FindNewest(FaultRun run, string kind) =>
        Directory.EnumerateFiles(run.Node.State, $"checkpoint-*.{kind}").MaxBy(File.GetLastWriteTimeUtc);

    private static void Damage(FaultRun run, string kind, string damage)
    {
        string? path = FindNewest(run, kind);
        Assert.NotNull(path);
        byte[] content = File.ReadAllBytes(path);
        switch (damage)
        {
            case "cut":
                // Truncates within a write. A file that ends between two writes is what a crash of the machine leaves, which the agent notices by the
                // boot.
                content = [.. content[..run.Random.Next(content.Length)], 0];
                break;
            case "garbled":
                run.Random.NextBytes(content.AsSpan(run.Random.Next(content.Length)));
                break;
            default:
                content = [];
                break;
        }

        File.WriteAllBytes(path, content);
    }
}
