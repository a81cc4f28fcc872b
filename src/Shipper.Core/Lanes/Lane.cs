using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Tailing;
using Shipper.Telemetry;
using Snappier;

namespace Shipper.Lanes;

/// <summary>
/// Reader, encoder and sender in one place. A stream belongs to one lane with all its files, and a lane has one push under
/// way: so order, acknowledgements and back-pressure hold by construction. While one batch is under way the other is filled;
/// when that one is full too, nothing is read until an answer comes.
/// </summary>
/// <remarks>
/// One loop owns everything here; only <see cref="Wake"/> and the gauges are safe for concurrent use. All
/// buffers are allocated at the start.
/// </remarks>
internal sealed class Lane : IDisposable
{
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailedPushDelay = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly LaneOptions _options;
    private readonly IPushClient _client;
    private readonly CheckpointStore _checkpoints;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Heartbeat _heartbeat;
    private readonly ILaneSource _source;
    private readonly CheckpointChanges _changes = new();
    private readonly byte[] _grouped;
    private readonly byte[] _compressed;
    private readonly SemaphoreSlim _wake = new(0, 1);

    private Batch _filling;
    private Batch _underWay;
    private Task<PushAnswer>? _push;
    private int _compressedLength;
    private long _lastMaintenance;
    private long? _lastPush;
    private long _bufferedBytes;
    private long _oldestNs = long.MaxValue;

    public Lane(
        string name, LaneOptions options, ILaneSource source, IPushClient client, CheckpointStore checkpoints, TimeProvider time,
        ILoggerFactory loggers, AgentMetrics metrics, Heartbeat heartbeat)
    {
        _name = name;
        _options = options;
        _client = client;
        _checkpoints = checkpoints;
        _time = time;
        _logger = loggers.CreateLogger("Lanes");
        _metrics = metrics;
        _heartbeat = heartbeat;
        _source = source;
        int capacity = Batch.Capacity(options.Batch, options.MaxLineBytes);
        _filling = new Batch(options.Batch, options.MaxLineBytes);
        _underWay = new Batch(options.Batch, options.MaxLineBytes);
        _grouped = GC.AllocateUninitializedArray<byte>(capacity);
        _compressed = GC.AllocateUninitializedArray<byte>(Snappy.GetMaxCompressedLength(capacity));
        _lastMaintenance = time.GetTimestamp();
    }

    /// <summary>What there is to read, as of the last maintenance.</summary>
    public TailerStatus Status => _source.Status;

    /// <summary>Bytes read and not acknowledged.</summary>
    public long BufferedBytes => Volatile.Read(ref _bufferedBytes);

    /// <summary>Time of the oldest record that is not acknowledged, in nanoseconds since 1970;
    /// <see cref="long.MaxValue"/> where there is none.</summary>
    public long OldestNs => Math.Min(Volatile.Read(ref _oldestNs), _source.Status.OldestNs);

    /// <summary>There is news for the lane.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Turns until told to stop; then sends what is batched, until told to give up.</summary>
    /// <param name="stopping">Stop reading.</param>
    /// <param name="givingUp">Stop sending.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken givingUp)
    {
        await using CancellationTokenRegistration registration = stopping.Register(Wake);
        while (!givingUp.IsCancellationRequested)
        {
            _heartbeat.Beat(_name);
            bool isStopping = stopping.IsCancellationRequested;
            if (isStopping && _push is null && _filling.IsEmpty)
            {
                break;
            }

            if (!Turn(isStopping, out TimeSpan idle, givingUp))
            {
                await WaitAsync(idle);
            }
        }

        if (_push is not null || !_filling.IsEmpty)
        {
            LaneLog.StoppedUnanswered(_logger, _filling.Records + (_push is null ? 0 : _underWay.Records));
        }

        // What was acknowledged last is no longer held, nor behind.
        _source.Maintain();
        _heartbeat.End(_name);
    }

    /// <summary>Does what there is to do, without waiting.</summary>
    /// <param name="isStopping">True where nothing is to be read any more.</param>
    /// <param name="idle">How long there will be nothing to do, where there was nothing now.</param>
    /// <param name="givingUp">Ends a push under way.</param>
    /// <returns>True where something was done.</returns>
    public bool Turn(bool isStopping, out TimeSpan idle, CancellationToken givingUp)
    {
        idle = MaxIdle;
        bool hasWorked = _source.TakeNews();
        hasWorked |= Settle(givingUp);
        if (!isStopping && !_filling.IsFull)
        {
            hasWorked |= _source.Fill(_filling, out idle);
            UpdateGauges();
        }

        hasWorked |= Dispatch(isStopping, ref idle, givingUp);
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_lastMaintenance, now) >= MaintenanceInterval)
        {
            _lastMaintenance = now;
            _source.Maintain();
            UpdateGauges();
        }

        return hasWorked;
    }

    public void Dispose()
    {
        _source.Dispose();
        _wake.Dispose();
    }

    /// <summary>
    /// Sends the batch that is being filled when it is complete and none is under way. A partial one waits as long as that makes
    /// it fuller: behind another that went just now, but not where all was quiet.
    /// </summary>
    private bool Dispatch(bool isStopping, ref TimeSpan idle, CancellationToken givingUp)
    {
        if (_push is not null || _filling.IsEmpty)
        {
            return false;
        }

        TimeSpan untilDue = _lastPush is { } last ? _options.Batch.Wait - _time.GetElapsedTime(last) : TimeSpan.Zero;
        if (!isStopping && !_filling.IsFull && untilDue > TimeSpan.Zero)
        {
            idle = untilDue < idle ? untilDue : idle;
            return false;
        }

        (_filling, _underWay) = (_underWay, _filling);
        if (_underWay.Records == 0)
        {
            // Only positions moved, behind lines that are not sent.
            Acknowledge();
            return true;
        }

        Note();
        _compressedLength = Snappy.Compress(_underWay.Group(_grouped), _compressed);
        _lastPush = _time.GetTimestamp();
        _push = PushAsync(givingUp);
        return true;
    }

    private Task<PushAnswer> PushAsync(CancellationToken givingUp) =>
        _client.PushAsync(_compressed.AsMemory(0, _compressedLength), _underWay.Records, _source.TakesRefusals, givingUp);

    /// <summary>Takes in the answer to the push under way.</summary>
    private bool Settle(CancellationToken givingUp)
    {
        if (_push is not { IsCompleted: true })
        {
            return false;
        }

        if (_push.IsCanceled)
        {
            // Given up: what became of the batch stays open, and it is read again at the next start.
            return false;
        }

        if (_push.IsFaulted)
        {
            _metrics.InternalErrors.Add(1);
            LaneLog.PushFailed(_logger, _push.Exception);
            _push = PushLaterAsync(givingUp);
            return true;
        }

        PushAnswer answer = _push.Result;
        _changes.Clear();
        if (answer.RefusedStream is not null && _source.TakesRefusals)
        {
            if (!_source.TryRefuse(_underWay, _filling, answer, _changes))
            {
                // It names none of these: all of them are sent again.
                _push = PushLaterAsync(givingUp);
                return true;
            }

            _checkpoints.Commit(_changes);
            answer = new PushAnswer(PushVerdict.Stored, answer.Status);
        }

        _push = null;
        Count(answer, _underWay);
        if (answer.IsTooNew)
        {
            foreach (Run run in _underWay.Runs)
            {
                run.Clock = run.Clock.WithoutNewest();
                run.Stream.Clock = run.Stream.Clock.WithoutNewest();
            }
        }

        Acknowledge();
        return true;
    }

    private void Count(PushAnswer answer, Batch batch)
    {
        if (answer.Verdict is not (PushVerdict.Stored or PushVerdict.Refused))
        {
            _metrics.DroppedRecords.Add(DropReasons.RetryLimit, batch.Records);
            LaneLog.RetryLimitReached(_logger, batch.Records, answer.Status, answer.Message, batch.DescribeStreams());
            return;
        }

        int refused = answer.Verdict == PushVerdict.Refused ? Math.Min(answer.RefusedRecords, batch.Records) : 0;
        if (refused > 0)
        {
            _metrics.DroppedRecords.Add(DropReasons.Refused, refused);
            LaneLog.RecordsRefused(_logger, refused, batch.Records, answer.Message, batch.DescribeStreams());
        }

        _metrics.SentRecords.Add(batch.Records - refused);
        _metrics.SentBytes.Add(_compressedLength);
    }

    private static CheckpointUpdate UpdateOf(Generation generation, Offsets? position) =>
        new(generation.Checkpoint, generation.Identity, generation.Status.Inode, position, generation.Size);

    /// <summary>
    /// How far records in this form may have been sent: a push of an earlier life may have reached further than this one, which is made
    /// of the same records with other neighbours.
    /// </summary>
    private static Offsets SentEnd(Run run, Mark mark) =>
        mark.Generation.LeftOpen is { } left && left.BaseNs == run.BaseNs && left.Attributes.Equals(run.Attributes)
            ? new Offsets(Math.Max(left.End.Stdout, mark.Position.Stdout), Math.Max(left.End.Stderr, mark.Position.Stderr))
            : mark.Position;

    private async Task<PushAnswer> PushLaterAsync(CancellationToken givingUp)
    {
        await Task.Delay(FailedPushDelay, _time, givingUp);
        return await PushAsync(givingUp);
    }

    /// <summary>
    /// What is about to be sent is written down first: should the answer never be heard, the same records go out again with the same
    /// labels and times.
    /// </summary>
    private void Note()
    {
        _changes.Clear();
        foreach (Run run in _underWay.Runs)
        {
            if (run.Records > 0)
            {
                foreach (Mark mark in run.Marks)
                {
                    _changes.Updates.Add((run.Stream.Checkpoint, UpdateOf(mark.Generation, null)));
                    _changes.Sent.Add((mark.Generation.Checkpoint, new SentRange(run.Attributes, SentEnd(run, mark), run.BaseNs)));
                }
            }
        }

        _checkpoints.Commit(_changes);
    }

    /// <summary>The batch under way is done with: its positions go into the checkpoint.</summary>
    private void Acknowledge()
    {
        _changes.Clear();
        foreach (Run run in _underWay.Runs)
        {
            if (run.IsRemoved)
            {
                continue;
            }

            if (run.Next is null)
            {
                // That of the stream's last run holds. Writing all cost 5 % of the CPU where many units of the journal alternate.
                _changes.Clocks.Add((run.Stream.Checkpoint, run.Clock));
            }

            foreach (Mark mark in run.Marks)
            {
                _changes.Updates.Add((run.Stream.Checkpoint, UpdateOf(mark.Generation, mark.Position)));
            }
        }

        _source.Acknowledge(_underWay, _changes);
        _checkpoints.Commit(_changes);
        _underWay.Clear();
        UpdateGauges();
    }

    private void UpdateGauges()
    {
        long oldest = _filling.OldestNs;
        long bytes = _filling.Bytes.Length;
        if (_push is not null)
        {
            oldest = Math.Min(oldest, _underWay.OldestNs);
            bytes += _underWay.Bytes.Length;
        }

        Volatile.Write(ref _oldestNs, oldest);
        Volatile.Write(ref _bufferedBytes, bytes);
    }

    private async Task WaitAsync(TimeSpan idle)
    {
        using var cancellation = new CancellationTokenSource();
        Task delay = Task.Delay(idle, _time, cancellation.Token);
        Task wake = _wake.WaitAsync(cancellation.Token);
        await Task.WhenAny(delay, wake, _push ?? delay);
        await cancellation.CancelAsync();
    }
}
