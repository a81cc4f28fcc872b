using Shipper.Discovery;

namespace Shipper.Tailing.Streams;

/// <summary>The streams of a lane.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamRegistry(TailingServices services)
{
    private readonly Dictionary<string, TailedStream> _byKey = new(StringComparer.Ordinal);

    /// <summary>All streams, in the order in which their logs were found.</summary>
    public List<TailedStream> All { get; } = [];

    /// <summary>All generations of all streams.</summary>
    public IEnumerable<Generation> Generations => All.SelectMany(stream => stream.Generations);

    /// <summary>The directories that hold logs of the lane.</summary>
    public HashSet<string> Directories => DirectoriesOf(_ => true);

    /// <summary>The directories of logs that will be deleted after the agent has stopped.</summary>
    public HashSet<string> DirectoriesPendingDeletion => DirectoriesOf(rotatedLog => rotatedLog.Attributes.MayDisappear);

    /// <summary>Returns the stream with a key; null if the lane has none.</summary>
    public TailedStream? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Returns the stream of a log. Creates the stream if this is its first log.</summary>
    public TailedStream GetOrAdd(LogFound found)
    {
        if (!_byKey.TryGetValue(found.Key, out TailedStream? stream))
        {
            long now = services.Time.GetTimestamp();
            stream = new TailedStream(services.Checkpoints.GetOrAddStream(found.Key), found.Kind, found.Attributes.Get(0)) { LastGrowth = now, NextPoll = now };
            _byKey.Add(found.Key, stream);
            All.Add(stream);
        }

        return stream;
    }

    /// <summary>Removes the streams that have neither a log nor a record in flight.</summary>
    /// <param name="removed">Called for each removed stream.</param>
    public void RemoveGone(Action<TailedStream> removed) => All.RemoveAll(stream =>
    {
        bool isGone = stream.Logs.Count == 0 && stream.RunsInBatches == 0;
        if (isGone)
        {
            removed(stream);
            _byKey.Remove(stream.Checkpoint.Key);
            services.Checkpoints.Forget(stream.Checkpoint);
        }

        return isGone;
    });

    private HashSet<string> DirectoriesOf(Func<Discovery.Rotation.RotatedLog, bool> isWanted) =>
        [.. All.SelectMany(stream => stream.Logs).Where(isWanted).Select(rotatedLog => rotatedLog.Directory)];
}
