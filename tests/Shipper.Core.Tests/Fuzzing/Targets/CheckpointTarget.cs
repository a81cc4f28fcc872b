using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Checkpoints.Operations;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A checkpoint file made by a crash or by somebody else. The first byte of an input selects whether the rest is the file itself, whose CRC detects most
/// changes, or the content of the file's frames: then the CRC is right and the content is arbitrary.
/// </summary>
internal sealed class CheckpointTarget : FuzzTarget, IDisposable
{
    private const int Kinds = 4;

    private readonly TemporaryDirectory _directory = new(isInMemory: true);

    public override string Name => "checkpoint";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (byte[] file in MakeFiles())
            {
                yield return [0, .. file];
                byte[] payload = [.. Payloads(file)];
                for (byte kind = 1; kind < Kinds; kind++)
                {
                    yield return [kind, .. payload];
                }
            }
        }
    }

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [1, 1, 1, (byte)'a'], [1, 2, 1, (byte)'a'], [1, 1, 1, (byte)'b'], [2, 1, 10, 11, 12], [3, 3, 1, 2, (byte)'/', (byte)'x'], [3, 4, 1, 2, (byte)'/', (byte)'y'],
        [4, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 10, 11, 100], [4, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0, 5, 0, 0, 0], [5, 3], [5, 4], [6], [7],
        [8, 5, 1, 7, .. "{a=\"b\"}"u8, 0], [8, 6, 1, 7, .. "{a=\"b\"}"u8, 0], [8, 5, 1, 7, .. "{a=\"c\"}"u8, 0], [8, 5, 2, 2, .. "{}"u8, 3, 1, 2, 3],
        [9, 3, 5, 50, 60, 7], [9, 4, 5, 50, 60, 7], [9, 3, 6, 50, 60, 7], [9, 4, 6, 50, 60, 7], [10, 2, (byte)'/', (byte)'x', 1], [10, 2, (byte)'/', (byte)'x', 4], [11, 1, 3, .. "s=a"u8],
        [20, 3, 1, 2, 3, 4, 5, 6, 7, 8, 60], [20, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0], [21, 3, 2, 2, (byte)'/', (byte)'z'], [21, 4, 9, 2, (byte)'/', (byte)'z'], [22, 2, (byte)'/', (byte)'x', 2, (byte)'/', (byte)'o'],
        [12, 1, 2, 1, 2, 3, 1, (byte)'r', 1, (byte)'p', 9, 5, 1, 2, 3, 1, (byte)'r', 1, (byte)'p', 0], [13, 3, 0, 1, (byte)'r', 5], [14, 1, 1, (byte)'c'], [15, 1, (byte)'b'], [16, 1, 1, 1, 2, 3, 4, 5, 6], [16, 1, 0],
        .. OperationTable.Default.Kinds.SelectMany(WordsOf),
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x80, 0x80, 0x80, 0x80, 0x08], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0], "SHIPCKP1"u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        int kind = input.Length > 0 ? input[0] % Kinds : 0;
        byte[] rest = input[Math.Min(1, input.Length)..];
        Random random = RandomOf(input);
        byte[] file = kind == 0 ? rest : Frame(rest, kind, random);

        var state = new CheckpointState();
        int good = CheckpointReader.Read(file, state, out bool isEnded);
        Assert.InRange(good, 0, file.Length);
        string read = Describe(state);

        // The valid part determines everything that was read.
        var again = new CheckpointState();
        Assert.Equal(good, CheckpointReader.Read(file.AsSpan(0, good), again, out bool isEndedAgain));
        Assert.Equal((read, isEnded), (Describe(again), isEndedAgain));

        // Files follow one another, and two of them may contain the same operations.
        _ = CheckpointReader.Read(file, again, out _);
        Assert.Equal(StreamsOf(state), StreamsOf(again));

        AssertEncodes(state);
        AssertCanBeExtended(state, random);
        if (random.Next(16) == 0)
        {
            AssertStoreOpens(file, random);
        }

        return $"{kind} {isEnded} {good == file.Length} {Magnitude(good)} {Magnitude(state.Streams.Count)} {Magnitude(state.Streams.Sum(stream => stream.Generations.Count))} "
            + $"{Magnitude(state.ExcludedOutputsByPath.Count)} {Magnitude(SnapshotWriter.Encode(state).Length)} {state.Streams.Any(stream => stream.Cursor is not null)} {state.Streams.Any(stream => stream.Generations.Exists(generation => generation.LastSentRange is not null))}";
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>A snapshot of the state that was read contains the same state, and encoding it again gives the same bytes.</summary>
    private static void AssertEncodes(CheckpointState state)
    {
        Store(state);
        string stored = DescribeStored(state);
        byte[] snapshot = SnapshotWriter.Encode(state);
        Assert.Equal(snapshot, SnapshotWriter.Encode(state));

        var read = new CheckpointState();
        Assert.Equal(snapshot.Length, CheckpointReader.Read(snapshot, read, out bool isEnded));
        Assert.True(isEnded);
        Store(read);

        // This also compares facts that Describe leaves out.
        Assert.Equal(snapshot, SnapshotWriter.Encode(read));
        Assert.Equal(stored, DescribeStored(read));
        Assert.Equal(stored, DescribeStored(state));
        Assert.Equal(state.IsFirstStartOver, read.IsFirstStartOver);
    }

    /// <summary>Possible forms of an operation: its code alone, or followed by numbers, by an id and a text, or by an id and bytes.</summary>
    private static IEnumerable<byte[]> WordsOf(OperationKind kind) =>
    [
        [kind.Code], [kind.Code, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [kind.Code, 1, 1, (byte)'a'], [kind.Code, 3, 1, (byte)'a'], [kind.Code, 3, 0, 1, (byte)'a', 5],
        [kind.Code, 1, (byte)'a', 1, (byte)'b'],
    ];

    /// <summary>The agent starts with the state that was read, and adds to it.</summary>
    private static void AssertCanBeExtended(CheckpointState state, Random random)
    {
        for (int i = 0; i < 4; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"new/{random.Next(2)}");
            StreamCheckpoint stream = state.Streams.Count > 0 && random.Next(2) == 0 ? state.Streams.First() : state.GetOrAddStream(key);
            int before = state.Streams.Sum(known => known.Generations.Count);
            GenerationCheckpoint generation = state.AddGeneration(stream, "/new");
            Assert.Equal(before + 1, state.Streams.Sum(known => known.Generations.Count));
            new SentPosition(generation, new SentRange(Attributes.Of(("new", key)), new FilePosition(1, 1), 0)).Apply(state);
            Assert.Equal(key, Assert.IsType<StreamAttributes>(generation.LastSentRange?.Attributes).Labels.Selector[6..^2]);
        }

        AssertEncodes(state);
    }

    /// <summary>With the file as the newest snapshot, as a log, or as both, the store opens, and opens a second time with the same content.</summary>
    private void AssertStoreOpens(byte[] file, Random random)
    {
        string directory = Path.Combine(_directory, "state");
        Directory.CreateDirectory(directory);
        string[] names = random.Next(3) switch { 0 => ["2.snapshot"], 1 => ["2.log"], _ => ["1.snapshot", "1.log", "2.log"] };
        foreach (string name in names)
        {
            File.WriteAllBytes(Path.Combine(directory, "checkpoint-00000" + name), file);
        }

        string first = Open(directory);
        Assert.Equal(first, Open(directory));
        Directory.Delete(directory, recursive: true);

        static string Open(string directory)
        {
            using var store = CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics());
            return Describe(store.GetStreams());
        }
    }

    private static void Store(CheckpointState state)
    {
        foreach (StreamCheckpoint stream in state.Streams.ToList())
        {
            state.RemoveIfEmpty(stream);
            stream.IsStored = !stream.IsEmpty;
            stream.Generations.ForEach(generation => generation.IsStored = true);
        }
    }

    private static string Describe(CheckpointState state) => $"{Describe(state.Streams)} started {state.IsFirstStartOver} {DescribeDecisions(state)}";

    private static string DescribeDecisions(CheckpointState state) =>
        string.Join(", ", state.ExcludedOutputsByPath.OrderBy(decision => decision.Key, StringComparer.Ordinal).Select(decision => $"{decision.Key}={decision.Value}"));

    private static string StreamsOf(CheckpointState state) => string.Join(", ", state.Streams.Select(stream => stream.Id).Order());

    private static string DescribeStored(CheckpointState state) => $"{Describe(state.Streams)} {DescribeDecisions(state)}";

    private static string Describe(IEnumerable<StreamCheckpoint> streams)
    {
        var text = new StringBuilder();
        foreach (StreamCheckpoint stream in streams.OrderBy(stream => stream.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"{stream.Id} {stream.Key} {stream.Clock} {stream.Cursor}\n");
            foreach (GenerationCheckpoint generation in stream.Generations)
            {
                // A push that was acknowledged since is not kept.
                SentRange? sent = generation.LastSentRange is { } range && range.IsBeyond(generation.Acknowledged) ? range : null;
                text.Append(CultureInfo.InvariantCulture, $"  {generation.Id} {generation.LogPath} {generation.Identity} {generation.Inode} {generation.Acknowledged} {generation.Size} {generation.Proof}");
                text.Append(CultureInfo.InvariantCulture, $" {sent?.End} {sent?.BaseNs} {sent?.Attributes.Labels} {sent?.Attributes.HasOutput} {sent?.Attributes.Rules.Excluded} {Convert.ToHexString(sent?.Attributes.Metadata ?? [])}\n");
            }
        }

        return text.ToString();
    }

    private static byte[] Frame(byte[] payload, int frames, Random random)
    {
        List<byte> file = [.. CheckpointFormat.Magic];
        int start = 0;
        for (int i = 0; i < frames; i++)
        {
            int end = i == frames - 1 ? payload.Length : random.Next(start, payload.Length + 1);
            byte[] frame = [.. new byte[CheckpointFormat.FrameHeaderBytes], .. payload[start..end]];
            CheckpointFormat.SealFrame(frame);
            file.AddRange(frame);
            start = end;
        }

        return [.. file];
    }

    private static IEnumerable<byte> Payloads(byte[] file)
    {
        for (int at = CheckpointFormat.Magic.Length; at < file.Length;)
        {
            int end = at + CheckpointFormat.FrameHeaderBytes + BitConverter.ToInt32(file, at);
            foreach (byte value in file[(at + CheckpointFormat.FrameHeaderBytes)..end])
            {
                yield return value;
            }

            at = end;
        }
    }

    /// <summary>The snapshot and the log of a small agent with every kind of operation.</summary>
    private static List<byte[]> MakeFiles()
    {
        using var directory = new TemporaryDirectory(isInMemory: true);
        using (var store = CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics()))
        {
            Fill(store, "a");
            store.EndFirstStart();
        }

        using (var store = CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics()))
        {
            Fill(store, "b");
        }

        return [.. Directory.EnumerateFiles(directory, "checkpoint-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    private static void Fill(CheckpointStore store, string name)
    {
        for (int i = 0; i < 3; i++)
        {
            StreamCheckpoint stream = store.GetOrAddStream($"ns/{name}{i}/c");
            GenerationCheckpoint generation = store.AddGeneration(stream, $"/pods/{name}{i}/0.log");
            var changes = new CheckpointChanges();
            changes.Updates.Add((stream, new GenerationUpdate(generation, new FileIdentity(0xABCDEF, 256), ulong.MaxValue - 1, new FilePosition(200, 180 + i), 1000, new FileProof(180, 0xFEDCBA))));
            changes.SentPositions.Add(new(generation, new SentRange(Attributes.Of(("pod", name)), new FilePosition(220, 180), 7)));
            changes.Clocks.Add(new(stream, new StreamClock(1, 2, 3)));
            changes.NewestSentNs = i;
            changes.Windows[stream] = new TimeWindow(1, 2, 3, 4, 5, 6);
            changes.LedgerUpdates.Add(new(generation, new LedgerEntry(IsLost: i == 0, "reason", 7)));
            changes.SentCursors.Add(new(store.GetOrAddStream($"journal:/{name}"), "s=1;i=3"));
            changes.AddLoss(stream, new Loss(10, 1, 2, "deleted", $"/pods/{name}{i}/0.log") { Attributes = Attributes.Of(("pod", name)), SentNs = 3 });
            changes.Cursors.Add(new(store.GetOrAddStream($"journal:/{name}"), "s=1;i=2"));
            store.Commit(changes);
            store.SetExcludedOutputs($"/pods/{name}{i}", (ExcludedOutputs)i);
            store.SetRotationDirectory($"/pods/{name}{i}/0.log", "/old");
            var moves = new CheckpointChanges();
            moves.Moves.Add(new(generation, stream, $"/pods/{name}{i}/moved.log"));
            store.Commit(moves);
        }
    }
}
