using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>
/// Reader, encoder and sender in one place. A stream belongs to one lane with all its files, and a lane has one push under
/// way: so order, acknowledgements and back-pressure hold by construction. While one batch is under way the other is filled;
/// when that one is full too, nothing is read until an answer comes.
/// </summary>
/// <remarks>
/// One loop owns everything here; only <see cref="Wake"/>, <see cref="DescribeAsync"/> and the gauges are safe for concurrent use. All
/// buffers are allocated at the start.
/// </remarks>
internal sealed class Lane : IDisposable
{
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FailedDeliveryDelay = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly LaneOptions _options;
    private readonly Sender _sender;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Heartbeat _heartbeat;
    private readonly ILaneSource _source;
    private readonly StallWatch _stall;
    private readonly BatchCheckpoints _positions;
    private readonly LaneRequests _requests;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ITimer _alarm;
    private readonly UsedMemory _memory;

    // Those who asked what the lane is doing wait for it; null where nobody did.
    private TaskCompletionSource<LaneStatus>? _asked;

    private Batch _filling;
    private Batch _underWay;
    private Task<DeliveryOutcome>? _delivery;
    private long _lastMaintenance;
    private long? _lastPush;
    private long _bufferedBytes;
    private long _oldestNs = long.MaxValue;

    public Lane(
        string name, LaneOptions options, ILaneSource source, Sender sender, CheckpointStore checkpoints, TimeProvider time,
        ILoggerFactory loggers, AgentMetrics metrics, Heartbeat heartbeat)
    {
        _name = name;
        _options = options;
        _sender = sender;
        _positions = new BatchCheckpoints(source, checkpoints, time, metrics);
        _time = time;
        _logger = loggers.CreateLogger("Lanes");
        _metrics = metrics;
        _heartbeat = heartbeat;
        _source = source;
        _filling = new Batch(options.Batch, options.MaxLineBytes, sender.Times);
        _underWay = new Batch(options.Batch, options.MaxLineBytes, sender.Times);
        _requests = new LaneRequests(Batch.Capacity(options.Batch, options.MaxLineBytes));
        _stall = new StallWatch(name, () => LastAnswer, time, _logger);
        _lastMaintenance = time.GetTimestamp();
        _memory = new UsedMemory(time);
        _alarm = time.CreateTimer(static lane => ((Lane)lane!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What there is to read, as of the last maintenance.</summary>
    public TailerStatus Status => _source.Status;

    /// <summary>True where nothing was acknowledged for long though there is something to send.</summary>
    public bool IsStalled => _stall.IsStalled;

    /// <summary>Loki's last answer to this lane, or to another one if this lane has had none yet; null before the first.</summary>
    public string? LastAnswer => _requests.LastAnswer ?? _sender.LastAnswer;

    /// <summary>Bytes read and not acknowledged.</summary>
    public long BufferedBytes => Volatile.Read(ref _bufferedBytes);

    /// <summary>Time of the oldest record that is not acknowledged, in nanoseconds since 1970;
    /// <see cref="long.MaxValue"/> where there is none.</summary>
    public long OldestNs => Math.Min(Volatile.Read(ref _oldestNs), _source.Status.OldestNs);

    /// <summary>There is news for the lane.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount > 0)
        {
            return;
        }

        try
        {
            _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or has ended: a timer or a delivery may come late.
        }
    }

    /// <summary>What the lane is doing, as it tells itself at its next turn. One that does not turn for two seconds is blocked.</summary>
    public async Task<LaneStatus> DescribeAsync(CancellationToken stopping)
    {
        var mine = new TaskCompletionSource<LaneStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<LaneStatus> asked = Interlocked.CompareExchange(ref _asked, mine, null) ?? mine;
        Wake();
        try
        {
            return await asked.Task.WaitAsync(MaxAnswerTime, _time, stopping);
        }
        catch (TimeoutException)
        {
            return new LaneStatus(_name) { Blocked = true, Stalled = IsStalled, LastAnswer = LastAnswer };
        }
    }

    /// <summary>Turns until told to end; then sends what is batched, until told to give up.</summary>
    /// <param name="ending">Stop reading.</param>
    /// <param name="stopping">The agent goes, and what only its open files hold is to be saved.</param>
    /// <param name="givingUp">Stop sending.</param>
    public async Task RunAsync(CancellationToken ending, CancellationToken stopping, CancellationToken givingUp)
    {
        await using CancellationTokenRegistration registration = ending.Register(Wake);
        await using CancellationTokenRegistration end = givingUp.Register(Wake);
        while (!givingUp.IsCancellationRequested)
        {
            _heartbeat.Beat(_name);
            bool isEnding = ending.IsCancellationRequested;
            bool isSaving = stopping.IsCancellationRequested && _source.Save();
            if (isEnding && !isSaving && _delivery is null && _filling.IsEmpty)
            {
                break;
            }

            if (!Turn(isEnding, out TimeSpan idle, givingUp) && !isSaving)
            {
                await WaitAsync(idle);
            }
        }

        if (_delivery is not null || !_filling.IsEmpty)
        {
            LaneEvents.StoppedUnanswered(_logger, _filling.Records + (_delivery is null ? 0 : _underWay.Records));
            CountGoneBack(null);
        }

        if (_delivery is { } givenUp)
        {
            // Another agent may go on in this process: nothing of this one is to be under way then. How the delivery ends does not matter: its batch stays open.
            await ((Task)givenUp).WaitAsync(MaxAnswerTime, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // What was acknowledged last is no longer held, nor behind.
        _source.Maintain();
        _heartbeat.End(_name);

        // Anyone who asks from now on, while another agent takes over, is told how this one ended.
        var mine = new TaskCompletionSource<LaneStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        Answer(Interlocked.CompareExchange(ref _asked, mine, null) ?? mine);
    }

    /// <summary>Does what there is to do, without waiting.</summary>
    /// <param name="isStopping">True where nothing is to be read any more.</param>
    /// <param name="idle">How long there will be nothing to do, where there was nothing now.</param>
    /// <param name="givingUp">Ends a push under way.</param>
    /// <returns>True where something was done.</returns>
    public bool Turn(bool isStopping, out TimeSpan idle, CancellationToken givingUp)
    {
        long start = _time.GetTimestamp();
        idle = MaxIdle;
        AnswerWhoAsked();
        bool hasWorked = _source.TakeNews();
        hasWorked |= Settle(givingUp);
        if (!isStopping && !_filling.IsFull)
        {
            if (_filling.IsEmpty)
            {
                _filling.OmitsMetadata = _sender.Metadata.IsOmitted;
            }

            hasWorked |= _source.Fill(_filling, NextPush(start), out idle);
            UpdateGauges();
        }

        hasWorked |= Dispatch(start, isStopping, ref idle, givingUp);
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_lastMaintenance, now) >= MaintenanceInterval)
        {
            _lastMaintenance = now;
            _source.Maintain();
            UpdateGauges();
            if (_delivery is null && _filling.IsEmpty && _memory.IsToBeReleased())
            {
                _filling.Release();
                _underWay.Release();
                _requests.Release();
                _positions.Release();
            }

            _stall.Check(hasWork: _delivery is not null || !_filling.IsEmpty || Status.LagBytes > 0);
        }

        return hasWorked;
    }

    private void AnswerWhoAsked()
    {
        if (Volatile.Read(ref _asked) is not null && Interlocked.Exchange(ref _asked, null) is { } asked)
        {
            Answer(asked);
        }
    }

    /// <summary>An exception goes to those who asked.</summary>
    private void Answer(TaskCompletionSource<LaneStatus> asked)
    {
        try
        {
            var status = new LaneStatus(_name)
            {
                Stalled = IsStalled,
                LastAnswer = LastAnswer,
                BufferBytes = BufferedBytes,
                Push = _delivery is null || _lastPush is not { } last ? null : new PushStatus(_underWay.Records, _underWay.Bytes.Length, _time.GetElapsedTime(last).TotalSeconds),
            };
            _source.Describe(status);
            asked.SetResult(status);
        }
#pragma warning disable CA1031 // The caller that asked for the status gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            asked.SetException(e);
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _alarm.Dispose();
        _wake.Dispose();
    }

    /// <summary>
    /// Sends the batch that is being filled when it is complete and none is under way. A partial one waits as long as that makes
    /// it fuller: behind another that went just now, but not where all was quiet.
    /// </summary>
    /// <param name="start">When the turn began, which was before the batch was filled.</param>
    /// <param name="isStopping">True where nothing more is read.</param>
    /// <param name="idle">Becomes shorter where the batch is to go sooner.</param>
    /// <param name="givingUp">Ends the push.</param>
    private bool Dispatch(long start, bool isStopping, ref TimeSpan idle, CancellationToken givingUp)
    {
        if (_delivery is not null || _filling.IsEmpty)
        {
            return false;
        }

        TimeSpan untilDue = _lastPush is { } last ? _options.Batch.Wait - _time.GetElapsedTime(last, start) : TimeSpan.Zero;
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

        _positions.Note(_underWay);
        _memory.Count(_underWay.Bytes.Length);
        _lastPush = start;
        Await(_sender.DeliverAsync(_underWay, _requests, givingUp));
        return true;
    }

    /// <summary>When the next partial batch goes: that is known while they follow each other.</summary>
    private long NextPush(long now)
    {
        long wait = (long)(_options.Batch.Wait.TotalSeconds * _time.TimestampFrequency);
        return _lastPush is not { } last ? now
            : now < last + wait ? last + wait
            : now < last + (2 * wait) || _delivery is not null ? now + wait
            : now;
    }

    /// <summary>Handles the outcome of the batch under way.</summary>
    private bool Settle(CancellationToken givingUp)
    {
        if (_delivery is not { IsCompleted: true })
        {
            return false;
        }

        if (_delivery.IsCanceled && givingUp.IsCancellationRequested)
        {
            // Given up: the outcome of the batch stays open, and it is read again at the next start.
            return false;
        }

        if (!_delivery.IsCompletedSuccessfully)
        {
            _metrics.InternalErrors.Add(1);
            LaneEvents.DeliveryFailed(_logger, _delivery.Exception ?? (Exception)new OperationCanceledException());
            LeaveOpen();
            Await(DeliverLaterAsync(givingUp));
            return true;
        }

        DeliveryOutcome outcome = _delivery.Result;
        _delivery = null;
        if (outcome.Rest is { } rest)
        {
            // Records got new times, which a crash must not change.
            _positions.Note(_underWay);
            Await(rest.GoOnAsync(givingUp));
            return true;
        }

        if (outcome.Refusals.Count > 0)
        {
            foreach (Refusal refusal in outcome.Refusals)
            {
                GoBack(refusal);
            }

            _positions.GoBack(outcome.Refusals, _underWay, _filling);
        }

        foreach (Run run in _underWay.Runs)
        {
            // If a stream goes back, its records are moved again, to the same times as before.
            run.Stream.LastMovedNs = run.IsRemoved ? run.Stream.LastMovedNs : Math.Max(run.Stream.LastMovedNs, run.LastMovedNs);
            if (outcome.IsTooNew && !run.IsLeftOpen)
            {
                // Records that were left open are found only with the times that they got before.
                long toNs = _sender.Times.WindowOf(run.Stream).NewestToNs;
                run.Clock = run.Clock.WithoutNewestBehind(toNs);
                run.Stream.Clock = run.Stream.Clock.WithoutNewestBehind(toNs);
            }
        }

        Acknowledge();
        return true;
    }

    private void GoBack(Refusal refusal)
    {
        // What may be stored is asked for, and by then it has arrived.
        TimeSpan bound = _sender.BackOff.Bound(refusal.Stream.Refusals + 1);
        TimeSpan pause = refusal.IsInPart && bound < Confirmation.ArrivalTime ? Confirmation.ArrivalTime : bound;
        long now = _time.GetTimestamp();
        refusal.Stream.LeftOpenMark = _sender.Pulse.Mark();
        refusal.Stream.Refuse(refusal.Stream.BatchBytes, now, now + (long)(pause.TotalSeconds * _time.TimestampFrequency));
        CountGoneBack(refusal.Stream);
        _underWay.Remove(refusal.Stream);
        _filling.Remove(refusal.Stream);
        LaneEvents.StreamRefused(_logger, refusal.Stream.Checkpoint.Key, pause.TotalSeconds, refusal.Message);
    }

    /// <summary>Counts that the records in the batches are read again: those of one stream, or all.</summary>
    private void CountGoneBack(LogStream? stream)
    {
        foreach (Batch batch in (ReadOnlySpan<Batch>)[_underWay, _filling])
        {
            foreach (Run run in batch.Runs)
            {
                if (!run.IsRemoved && (stream is null || run.Stream == stream))
                {
                    _metrics.CountGoneBack(run.Stream.SourceName, run.ReadRecords);
                }
            }
        }
    }

    /// <summary>The outcome of the batch under way is unknown.</summary>
    private void LeaveOpen()
    {
        foreach (Run run in _underWay.Runs)
        {
            run.IsLeftOpen |= run.Records > 0;
            run.Stream.LeftOpenMark = _sender.Pulse.Mark();
            run.Refused.Clear();
        }
    }

    private async Task<DeliveryOutcome> DeliverLaterAsync(CancellationToken givingUp)
    {
        // A bug that strikes each time must not spin.
        await Task.Delay(FailedDeliveryDelay, _time, givingUp);
        return await _sender.DeliverAsync(_underWay, _requests, givingUp);
    }

    /// <summary>The batch under way is done with.</summary>
    private void Acknowledge()
    {
        if (_positions.Acknowledge(_underWay))
        {
            _stall.Acknowledged();
        }

        _underWay.Clear();
        UpdateGauges();
    }

    private void UpdateGauges()
    {
        long oldest = _filling.OldestNs;
        long bytes = _filling.Bytes.Length;
        if (_delivery is not null)
        {
            oldest = Math.Min(oldest, _underWay.OldestNs);
            bytes += _underWay.Bytes.Length;
        }

        Volatile.Write(ref _oldestNs, oldest);
        Volatile.Write(ref _bufferedBytes, bytes);
    }

    /// <summary>The lane turns when the delivery has ended.</summary>
    private void Await(Task<DeliveryOutcome> delivery)
    {
        _delivery = delivery;
        delivery.ContinueWith(
            static (_, lane) => ((Lane)lane!).Wake(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>
    /// The source says how long it has nothing; news and answers come sooner. A task for each of these, to wait for the first and cancel the others,
    /// took a tenth of the agent's CPU time at 10,000 lines a second, half of that for the exception with which the others ended.
    /// </summary>
    private Task WaitAsync(TimeSpan idle)
    {
        // In whole milliseconds, and not too soon by a part of one.
        _alarm.Change(TimeSpan.FromMilliseconds(Math.Ceiling(idle.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return _wake.WaitAsync();
    }
}
