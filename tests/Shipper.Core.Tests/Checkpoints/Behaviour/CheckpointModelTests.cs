using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints.Behaviour;

/// <summary>
/// Random acknowledgements and removals, streams whose names return, snapshots that can't be written for a while, crashes
/// and restarts: the store must read back exactly what was acknowledged.
/// </summary>
[Trait("Speed", "Slow")]
public class CheckpointModelTests
{
    private const int Actions = 150;
    private const int Streams = 5;

    [Fact]
    public void Open_AfterRandomActions_ReadsWhatWasAcknowledged()
    {
        for (int seed = 1; seed <= 150; seed++)
        {
            using var directory = new TemporaryDirectory(isInMemory: true);
            Run(seed, directory);
        }
    }

    private static void Run(int seed, TemporaryDirectory directory)
    {
        var random = new Random(seed);
        var expected = new SortedDictionary<string, long>(StringComparer.Ordinal);
        CheckpointStore sut = Open(directory);
        for (int i = 1; i <= Actions; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"stream-{random.Next(Streams)}");
            string path = string.Create(CultureInfo.InvariantCulture, $"/{key}/{random.Next(3)}.log");
            switch (random.Next(12))
            {
                case < 7:
                    Acknowledge(sut, key, path, i);
                    expected[path] = i;
                    break;
                case < 9:
                    Remove(sut, key, path);
                    expected.Remove(path);
                    break;
                case 9:
                    sut.Flush();
                    break;
                case 10:
                    BlockSnapshots(directory, !Directory.EnumerateDirectories(directory).Any());
                    break;
                default:
                    if (random.Next(3) == 0)
                    {
                        sut.Dispose();
                    }

                    sut = Open(directory);
                    IEnumerable<GenerationCheckpoint> read = sut.GetStreams().SelectMany(stream => stream.Generations);
                    Assert.True(
                        read.OrderBy(generation => generation.LogPath, StringComparer.Ordinal)
                            .Select(generation => (generation.LogPath, generation.Acknowledged.Min))
                            .SequenceEqual(expected.Select(position => (position.Key, position.Value))),
                        $"seed {seed}, action {i}");
                    break;
            }
        }

        sut.Dispose();
    }

    private static CheckpointStore Open(TemporaryDirectory directory) => CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics());

    private static void Acknowledge(CheckpointStore store, string key, string path, long position)
    {
        StreamCheckpoint stream = store.GetOrAddStream(key);
        GenerationCheckpoint generation = stream.Generations.Find(known => known.LogPath == path) ?? store.AddGeneration(stream, path);
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream, new GenerationUpdate(generation, new FileIdentity(1, 256), 1, FilePosition.Both(position), position)));
        store.Commit(changes);
    }

    private static void Remove(CheckpointStore store, string key, string path)
    {
        if (store.GetOrAddStream(key).Generations.Find(known => known.LogPath == path) is { } generation)
        {
            var changes = new CheckpointChanges();
            changes.Removals.Add(new(generation));
            store.Commit(changes);
        }
    }

    /// <summary>Creates directories with the names of temporary snapshots, so that none can be written, or removes them.</summary>
    private static void BlockSnapshots(TemporaryDirectory directory, bool isBlocked)
    {
        if (!isBlocked)
        {
            Directory.EnumerateDirectories(directory).ToList().ForEach(Directory.Delete);
            return;
        }

        for (int number = 0; number < Actions; number++)
        {
            Directory.CreateDirectory(directory[string.Create(CultureInfo.InvariantCulture, $"checkpoint-{number:D6}.snapshot.tmp")]);
        }
    }
}
