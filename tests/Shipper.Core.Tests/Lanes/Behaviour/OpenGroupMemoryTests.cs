using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Tailing;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>
/// An open group is kept by the lane only while it reads the file. Later it is read again. Runs alone, because it compares the memory of the whole process.
/// </summary>
[Collection("alone")]
public class OpenGroupMemoryTests
{
    private const int Files = 500;
    private const int MaxLineBytes = 256 * 1024;
    private const int GroupLines = 1_000;

    /// <summary>The groups have 60 MB of text.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    [Fact]
    public void Fill_EachFileEndsInAnOpenGroup_KeepsNoMemoryForGroups()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["state"]);
        string group = string.Concat(Enumerable.Range(0, GroupLines).Select(line => Line(2 + line, $"\tat com.example.shop.orders.OrderService.save(OrderService.java:{line}) ~[shop.jar!/]")));
        using var checkpoints = CheckpointStore.Open(directory["state"], NullLogger.Instance, new AgentMetrics());

        // Time stands still, so that no log becomes quiet and its group is sent.
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 1, 2, 4, TimeSpan.Zero));
        var options = new LaneOptions(new BatchOptions(), MaxLineBytes);
        using var source = new FileSource(
            options, new HeldBudget(0), new FileBudget(), Services.ForTailing(directory["state"], checkpoints, time, new AgentMetrics()), NullLogger.Instance);
        StreamRules rules = StreamRulesFactory.Create(new ProcessingOptions(), new RecordOrigin { Source = RecordOrigin.Containers });
        var batch = new Batch(options.Batch, options.MaxLineBytes);
        for (int file = 0; file < Files; file++)
        {
            string path = directory[$"log-{file}/0.log"];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, Line(0, $"order service {file} started") + Line(1, "java.lang.IllegalStateException: Order could not be saved") + group);
            var attributes = new StreamAttributes(Attributes.Of(("pod", $"pod-{file}")).Labels, [], hasOutput: true, rules);
            source.Publish(new LogFound($"ns/pod-{file}/main", Attributes.Kind, new FixedAttributes(attributes), RotatedLog.FromFile(path, 0)));
        }

        group = "";
        source.DrainInbox();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        int records = 0;
        while (source.Fill(batch, nextPush: 0, out _))
        {
            records += batch.Records;
            batch.Clear();
        }

        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(Files, records);
        Assert.True(kept < MaxBytes, $"{kept} bytes for {Files} open groups");
    }

    private static string Line(int n, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"2026-11-23T01:02:03.{n:D9}Z stdout F {text}\n");
}
