using System.Text;
using Microsoft.Extensions.Time.Testing;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Multiline;
using Shipper.Records;
using Shipper.Taps;

namespace Shipper.Core.Tests.Taps;

/// <summary>Processes records of one stream with the taps that a test opens.</summary>
internal sealed class TapFixture
{
    public const int MaxLineBytes = 64 * 1024;

    private readonly RecordPipeline _pipeline = new(MaxLineBytes);

    public TapFixture(ProcessingOptions? options = null, LogOutput? excluded = null)
    {
        Registry = new TapRegistry(Time);
        Sut = new TapTracer(Registry, _pipeline, MaxLineBytes);
        StreamRules rules = StreamRulesFactory.Create(options ?? Options(), new RecordOrigin { Source = RecordOrigin.Containers, Namespace = "shop" }, excluded);
        Attributes = AttributesOf(rules);
        Context.Memory.Bind(rules.LimitNames);
    }

    public FakeTimeProvider Time { get; } = new();

    public TapRegistry Registry { get; }

    public TapTracer Sut { get; }

    public StreamAttributes Attributes { get; }

    public StageContext Context => _pipeline.Context;

    public LineLimit Limit { get; set; } = new(MaxLineBytes, LongLineAction.Truncate);

    public static StreamAttributes AttributesOf(StreamRules rules) => new(
        StreamLabels.Create([KeyValuePair.Create("namespace", "shop"), KeyValuePair.Create("pod", "web-1")]), EntryMetadata.Encode("pod_uid"u8, "42"u8), hasOutput: true, rules);

    public static ProcessingOptions Options() => new() { Multiline = MultilineOptions.Off };

    public Tap Open(string query = "", TapStage stage = TapStage.Processed)
    {
        Assert.True(TapQuery.TryParse(query, out TapQuery? parsed, out string? error), error);
        Assert.True(Registry.TryOpen(parsed, stage, out Tap? tap));
        return tap;
    }

    /// <summary>Processes lines, each as a record, in one turn.</summary>
    /// <returns>The lines that are sent.</returns>
    public List<string> Process(params string[] lines) => Process([.. lines.Select(Encoding.UTF8.GetBytes)]);

    public List<string> Process(params byte[][] lines)
    {
        var sent = new List<string>();
        bool isTapped = Sut.Begin(Attributes);
        for (int i = 0; i < lines.Length; i++)
        {
            RecordDraft draft = DraftOf(lines[i], i, Attributes);
            scoped LogRecord record;
            bool isSent = isTapped
                ? Sut.TryRun(Attributes.Rules, Limit, ref draft, out record, out _)
                : _pipeline.TryRun(Attributes.Rules, Limit, ref draft, out record, out _);
            if (isSent)
            {
                sent.Add(Encoding.UTF8.GetString(record.Line));
            }
        }

        Sut.End();
        return sent;
    }

    public static RecordDraft DraftOf(byte[] line, int number, StreamAttributes attributes, LogOutput output = LogOutput.Stdout) => new()
    {
        TimestampNs = 1_000_000_000L * (1_767_225_600 + number),
        Output = output,
        Line = line,
        Length = line.Length,
        IsAscii = Ascii.IsValid(line),
        Lines = 1,
        Metadata = attributes.MetadataOf(output),
    };

    public static List<TapRecord> Read(Tap tap)
    {
        var records = new List<TapRecord>();
        while (tap.TryRead(out TapRecord? record))
        {
            records.Add(record);
        }

        return records;
    }

    /// <summary>Everything that a record shows.</summary>
    public static string TextOf(TapRecord record) => string.Join('\n', [
        LineOf(record),
        .. record.Metadata.Select(pair => $"{pair.Key}={pair.Value}"),
        .. record.Labels.Select(pair => $"{pair.Key}={pair.Value}"),
        record.Rule,
        record.Limit,
        record.Reason,
        .. record.Changes.SelectMany(change => change.Metadata.Select(pair => $"{pair.Key}={pair.Value}").Prepend(change.Line is null ? "" : Encoding.UTF8.GetString(change.Line))),
    ]);

    public static string LineOf(TapRecord record) => Encoding.UTF8.GetString(record.Line);
}
