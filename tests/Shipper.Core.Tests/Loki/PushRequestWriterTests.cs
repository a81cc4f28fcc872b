using System.Globalization;
using System.Text;
using Google.Protobuf;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;

namespace Shipper.Core.Tests.Loki;

public class PushRequestWriterTests
{
    private const long Time = 1_795_396_886_106_267_835;

    private readonly byte[] _buffer = new byte[4 * 1024 * 1024];

    [Fact]
    public void WriteEntry_PlainRecord_WritesTheSameBytesAsGoogleProtobuf()
    {
        var expected = new EntryAdapter
        {
            Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = 1_795_396_886, Nanos = 106_267_835 },
            Line = "hello",
            StructuredMetadata = { new LabelPairAdapter { Name = "stream", Value = "stdout" } },
        };

        int length = PushRequestWriter.WriteEntry(_buffer, new LogRecord(Time, PushRequestWriter.StdoutMetadata, "hello"u8, 0), Time, moved: false);

        // Skips the stream's field in front of the entry: tag and length.
        Assert.Equal(expected.ToByteArray(), _buffer.AsSpan(2, length - 2).ToArray());
    }

    [Fact]
    public void WriteEntry_TruncatedAndMovedRecord_AddsMetadata()
    {
        EntryAdapter entry = Assert.Single(Write([(Time, Time + 1, true, LogOutput.Stderr, "x"u8.ToArray(), 12345)]).Entries);

        Assert.Equal(
            ["stream=stderr", "truncated_bytes=12345", "original_timestamp=2026-11-23T01:21:26.106267835Z"],
            entry.StructuredMetadata.Select(pair => $"{pair.Name}={pair.Value}"));
        Assert.Equal(106_267_836, entry.Timestamp.Nanos);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(262_144)]
    [InlineData(2_097_151)]
    [InlineData(2_097_152)]
    public void WriteEntry_LengthsAtTheLimitsOfVarints_CanBeReadBack(int length)
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', length)];

        EntryAdapter entry = Assert.Single(Write([(Time, Time, false, LogOutput.Stdout, line, 0)]).Entries);

        Assert.Equal(length, entry.Line.Length);
    }

    [Fact]
    public void WriteEntry_RandomRecords_CanBeReadByGoogleProtobuf()
    {
        var random = new Random(5);
        for (int run = 0; run < 300; run++)
        {
            var records = new List<(long Raw, long Sent, bool Moved, LogOutput Output, byte[] Line, long Truncated)>();
            for (int i = random.Next(1, 50); i > 0; i--)
            {
                long sent = random.Next(10) == 0 ? random.Next(3) * 1_000_000_000L : random.NextInt64(long.MaxValue);
                records.Add((sent, sent, random.Next(5) == 0, (LogOutput)random.Next(2), RandomText(random), random.Next(5) == 0 ? random.NextInt64(1, long.MaxValue) : 0));
            }

            StreamAdapter stream = Write(records);

            Assert.Equal(records.Count, stream.Entries.Count);
            foreach ((var record, EntryAdapter entry) in records.Zip(stream.Entries))
            {
                Assert.Equal(Encoding.UTF8.GetString(record.Line), entry.Line);
                Assert.Equal(record.Sent, (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos);
                Dictionary<string, string> metadata = entry.StructuredMetadata.ToDictionary(pair => pair.Name, pair => pair.Value);
                Assert.Equal(record.Output == LogOutput.Stdout ? "stdout" : "stderr", metadata["stream"]);
                Assert.Equal(record.Truncated == 0 ? null : record.Truncated.ToString(CultureInfo.InvariantCulture), metadata.GetValueOrDefault("truncated_bytes"));
                Assert.Equal(record.Moved, metadata.ContainsKey("original_timestamp"));
            }
        }
    }

    private static byte[] RandomText(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(400); i > 0; i--)
        {
            text.Append(new Rune(random.Next(4) switch { 0 => random.Next(0x80), 1 => random.Next(0x80, 0x800), 2 => random.Next(0xE000, 0x10000), _ => random.Next(0x10000, 0x110000) }));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private StreamAdapter Write(IEnumerable<(long Raw, long Sent, bool Moved, LogOutput Output, byte[] Line, long Truncated)> records)
    {
        StreamLabels labels = StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "web-1" });
        int length = PushRequestWriter.BeginStream(_buffer, labels.Encoded);
        foreach (var record in records)
        {
            length += PushRequestWriter.WriteEntry(
                _buffer.AsSpan(length), new LogRecord(record.Raw, record.Output == LogOutput.Stdout ? PushRequestWriter.StdoutMetadata : PushRequestWriter.StderrMetadata, record.Line, record.Truncated), record.Sent, record.Moved);
        }

        PushRequestWriter.EndStream(_buffer.AsSpan(0, length));
        StreamAdapter stream = Assert.Single(PushRequest.Parser.ParseFrom(_buffer.AsSpan(0, length)).Streams);
        Assert.Equal(labels.Selector, stream.Labels);
        return stream;
    }
}
