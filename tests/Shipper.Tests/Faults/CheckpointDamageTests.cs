using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class CheckpointDamageTests
{
    private const int Pods = 5;

    /// <summary>
    /// Between two lives the newest file is cut or garbled, as a power cut or a bad disk leaves it. What was acknowledged and is not known
    /// any more could be sent again; the agent asks, and does not.
    /// </summary>
    [Theory]
    [InlineData("log", "cut")]
    [InlineData("log", "garbled")]
    [InlineData("log", "emptied")]
    [InlineData("snapshot", "cut")]
    [InlineData("snapshot", "garbled")]
    [InlineData("snapshot", "emptied")]
    public async Task Start_NewestFileIsDamaged_NothingLostNothingTwice(string kind, string damage)
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        for (int round = 0; round < FaultRun.Choose(3, 20); round++)
        {
            string? before = FindNewest(run, kind);
            await using RunningShipper sut = run.Start();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(400 + run.Random.Next(400)), rotates: true);

            // Each life begins with files of its own, and the first one is to have something in them.
            await sut.WaitUntilAsync(() => FindNewest(run, kind) is { } newest && newest != before);
            await RunningShipper.WaitUntilAsync(async () => await loki.CountAsync() > 0, () => $"Nothing is sent.\n{string.Join('\n', sut.Log)}");
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
                // Within a write: between two it is what a crash of the machine leaves, and that is noticed by its boot.
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
