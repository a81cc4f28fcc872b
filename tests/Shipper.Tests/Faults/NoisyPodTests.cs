using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class NoisyPodTests
{
    private const int QuietPods = 5;
    private const int Backlog = 400_000;

    /// <summary>One pod writes a hundred times as much as each of the others, and starts with a backlog. The lines of the others do not wait for it.</summary>
    [Fact]
    public async Task Push_NoisyPodWithBacklog_DoesNotDelayQuietPods()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        var sutLoki = new LokiDoubleAdapter(loki);
        using var run = new FaultRun(sutLoki, pods: 1 + QuietPods);
        PodLog noisy = run.Pods[0];
        PodLog[] quiet = [.. run.Pods.Skip(1)];
        noisy.Write(Backlog);
        Array.ForEach(quiet, pod => pod.Write(5));

        // Checked at each push before it is stored: the speed depends on the machine, but the order does not.
        int? reached = null;
        loki.NextFault = () =>
        {
            reached ??= quiet.All(pod => sutLoki.ReachedAsync(pod.Pod).Result >= 5) ? sutLoki.ReachedAsync(noisy.Pod).Result : null;
            return null;
        };
        await using RunningShipper sut = run.Start();
        await sut.WaitUntilReadyAsync();
        var waiting = quiet.ToDictionary(pod => pod, _ => new Queue<(int Number, long At)>());
        var delays = new List<TimeSpan>();
        async Task MeasureDelaysAsync()
        {
            foreach ((PodLog pod, Queue<(int Number, long At)> written) in waiting)
            {
                int reached = await sutLoki.ReachedAsync(pod.Pod);
                while (written.TryPeek(out (int Number, long At) next) && next.Number < reached)
                {
                    delays.Add(Stopwatch.GetElapsedTime(written.Dequeue().At));
                }
            }
        }

        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(FaultRun.Choose(6, 60)))
        {
            foreach (PodLog pod in quiet)
            {
                waiting[pod].Enqueue((pod.Count, Stopwatch.GetTimestamp()));
                pod.Write(5);
            }

            noisy.Write(500);
            if (noisy.LiveBytes > 10 * 1024 * 1024)
            {
                await run.RotateAsync(noisy);
            }

            await FaultRun.PauseAsync(TimeSpan.FromMilliseconds(25));
            await MeasureDelaysAsync();
        }

        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                await MeasureDelaysAsync();
                return waiting.Values.All(left => left.Count == 0);
            },
            () => "The lines of the quiet pods do not arrive.");
        delays.Sort();
        FaultRun.Log($"{delays.Count} lines of quiet pods beside {noisy.Count} of a noisy one: half within {delays[delays.Count / 2].TotalMilliseconds:0} ms, 99 % within {delays[delays.Count * 99 / 100].TotalMilliseconds:0} ms, all within {delays[^1].TotalMilliseconds:0} ms; the first were stored with {reached} lines of its backlog");
        await run.AssertDeliveredOnceAsync(sut);
        Assert.InRange(reached ?? int.MaxValue, 0, Backlog - 1);
    }
}
