using System.Runtime.CompilerServices;
using System.Text.Json;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class ErrorResponseTests
{
    private const int Pods = 10;

    /// <summary>
    /// More entries than a recorded error refuses. In a smaller request the error might refer to every entry, and all of them would be sent again.
    /// </summary>
    private const int MinEntries = 10;

    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(10);

    // With these errors, the distributor has stored every entry that the error does not name.
    private static readonly string[] AfterStoring =
    [
        "max entry size", "has timestamp too old", "has timestamp too new", "label names; limit", "has duplicate label name", "label name too long", "label value too long",
        "includes structured metadata, but", "has structured metadata too large", "has too many structured metadata labels", "at least one label pair is required",
    ];

    /// <summary>
    /// The double answers with every error that was recorded from a real Loki, in an order that depends on the seed, each after a successful push. It
    /// stores nothing, except for errors that Loki returns after storing.
    /// </summary>
    [Fact]
    public async Task Push_EveryRecordedError_DeliversEachLineOnce()
    {
        (string Name, int Status, string Body)[] answers = [.. Recorded()];
        Assert.InRange(answers.Length, 60, 200);
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        run.Random.Shuffle(answers);
        var left = new Queue<(string Name, int Status, string Body)>(answers);
        int given = 0;
        int push = 0;
        loki.NextFault = () =>
        {
            lock (left)
            {
                if (++push % 2 == 0 || !left.TryDequeue(out (string Name, int Status, string Body) answer))
                {
                    return null;
                }

                FaultRun.Log($"{answer.Name}: {answer.Status} {answer.Body[..Math.Min(80, answer.Body.Length)].TrimEnd()}");
                if (AfterStoring.Any(text => answer.Body.Contains(text, StringComparison.Ordinal)))
                {
                    return LokiFaults.StoreAndAnswer(loki, answer.Status, answer.Body, MinEntries, isGiven => Finish(answer, isGiven));
                }

                given++;
                return LokiFaults.Answer(answer.Status, answer.Body);
            }
        };

        void Finish((string Name, int Status, string Body) answer, bool isGiven)
        {
            lock (left)
            {
                if (isGiven)
                {
                    given++;
                }
                else
                {
                    left.Enqueue(answer);
                }
            }
        }

        // Memory for one lane only. With several lanes, all successful pushes could belong to another lane.
        await using RunningShipper sut = run.Start(extraYaml: "buffer: {memory: 16MiB}");
        long start = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref given) < answers.Length && TimeProvider.System.GetElapsedTime(start) < MaxDuration)
        {
            // Enough lines that hardly any request has a single entry: an entry that is refused alone repeatedly may be dropped.
            await run.WriteForAsync(TimeSpan.FromMilliseconds(200), linesPerBurst: 10);
        }

        Assert.Equal(answers.Length, given);
        await run.AssertDeliveredOnceAsync(sut, mayMiscount: true);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Query_Forbidden_LosesNothingAndCountsPossibleDuplicates(int status)
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        loki.NextQueryFault = () => LokiFaults.Answer(status, "no\n");
        int push = 0;
        loki.NextFault = () => Interlocked.Increment(ref push) % 4 == 0 ? LokiFaults.StoreAndReset(loki) : null;
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(2), linesPerBurst: 40);
        loki.NextFault = null;
        Tally tally = await run.WaitUntilDeliveredAsync(sut);
        double counted = (await sut.GetMetricsAsync())["shipper_possible_duplicate_records_total"];
        FaultRun.Log($"{tally}, {counted} counted as possible duplicates");
        Assert.Equal(0, tally.Lost);
        Assert.InRange(tally.Duplicates, 0, counted);
        Assert.Equal(0, await sut.StopAsync());
    }

    private static IEnumerable<(string Name, int Status, string Body)> Recorded([CallerFilePath] string file = "")
    {
        string directory = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../Shipper.Testing/Recordings/loki"));
        foreach (string path in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
            if (recording.RootElement.TryGetProperty("response", out JsonElement response) && response.GetProperty("status").GetInt32() is not 204 and int status)
            {
                yield return (Path.GetFileNameWithoutExtension(path), status, response.GetProperty("body").GetString()!);
            }
        }
    }
}
