using System.Globalization;
using System.Text;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Snappier;

namespace Shipper.Core.Tests.Batching;

public class BatchTests
{
    private const long Time = 1_795_396_886_000_000_000;
    private const int MaxLineBytes = 1024;

    /// <summary>Runs come in any order and size: a batch of a few long runs is compressed in place, any other is gathered by stream first.</summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public void Compress_RunsOfManySizes_WritesEachStreamOnceAndTheLargestLast()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var options = new BatchOptions { Size = random.Next(1, 1 << random.Next(1, 23)) };
            var batch = new Batch(options, MaxLineBytes);
            List<TailedStream> streams = [.. Enumerable.Range(0, random.Next(1, 6)).Select(MakeStream)];
            var expected = streams.ToDictionary(stream => stream.Selector, _ => new List<string>());
            int runs = random.Next(1, 10);
            for (int run = 0; run < runs && !batch.IsFull; run++)
            {
                TailedStream stream = streams[random.Next(streams.Count)];
                Append(batch, stream, random, expected[stream.Selector], options.Size / runs);
            }

            PushRequest request = PushRequest.Parser.ParseFrom(Snappy.DecompressToArray(new RequestBuffers(Batch.Capacity(options, MaxLineBytes)).Compress(batch).Span));

            Assert.Equal(
                expected.Where(stream => stream.Value.Count > 0).ToDictionary(stream => stream.Key, stream => stream.Value),
                request.Streams.ToDictionary(stream => stream.Labels, stream => stream.Entries.Select(entry => entry.Line).ToList()));
            List<int> sizes = [.. request.Streams.Select(stream => stream.CalculateSize())];
            Assert.Equal(sizes.Max(), sizes[^1]);
        }
    }

    [Fact]
    public void AbandonRun_RunContinuesAnEarlierOne_CountsOnlyTheEarlierRecords()
    {
        var batch = new Batch(new BatchOptions(), MaxLineBytes) { OmitsMetadata = true };
        TailedStream stream = MakeStream(0);
        byte[] metadata = EntryMetadata.Encode("a"u8, "b"u8);
        batch.BeginRun(stream, stream.Attributes, TimeWindow.Unbounded);
        batch.Append(new LogRecord(Time, metadata, "kept"u8, truncatedBytes: 0));
        batch.EndRun();

        batch.BeginRun(stream, stream.Attributes, TimeWindow.Unbounded);
        batch.Append(new LogRecord(Time + 1, metadata, "taken back"u8, truncatedBytes: 0));
        batch.AbandonRun();

        Run run = Assert.Single(batch.Runs.ToArray());
        Assert.Equal((1, 1), (run.Records, run.RecordsWithoutMetadata));
    }

    [Fact]
    public void BeginRun_AfterALossReportInALaterBatch_HasTheWindowOfThatBatch()
    {
        var batch = new Batch(new BatchOptions(), MaxLineBytes);
        TailedStream stream = MakeStream(0);
        TimeWindow later = TimeWindow.At(Time + 1);
        foreach (TimeWindow window in (TimeWindow[])[TimeWindow.At(Time), later])
        {
            batch.Clear();
            foreach (bool isLoss in (bool[])[true, false])
            {
                batch.BeginRun(stream, stream.Attributes, in window, isLoss: isLoss);
                batch.Append(new LogRecord(Time, [], "a"u8, truncatedBytes: 0));
                batch.EndRun();
            }
        }

        Assert.Equal(later, batch.Runs[1].Window);
    }

    private static TailedStream MakeStream(int number)
    {
        string name = number.ToString(CultureInfo.InvariantCulture);
        return new TailedStream(new StreamCheckpoint(number + 1, name), Attributes.Kind, Attributes.Of(("pod", name)));
    }

    private static void Append(Batch batch, TailedStream stream, Random random, List<string> lines, long bytes)
    {
        batch.BeginRun(stream, stream.Attributes, TimeWindow.Unbounded);
        for (long taken = 0; ;)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"{lines.Count} {new string('x', random.Next(100))} {random.NextInt64()}");
            lines.Add(line);
            taken += line.Length + 32;
            if (!batch.Append(new LogRecord(Time + lines.Count, [], Encoding.UTF8.GetBytes(line), truncatedBytes: 0)) || taken >= bytes)
            {
                break;
            }
        }

        batch.EndRun();
    }
}
