using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>
/// Reads, encodes and sends records. A stream with all its files belongs to one lane, and a lane has at most one push in flight, so order, acknowledgements and
/// back-pressure hold by construction. While one batch is in flight, the lane fills the other. When the other is full too, the lane reads nothing until Loki
/// responds.
/// </summary>
/// <remarks>
/// One loop owns everything here; only <see cref="Wake"/>, <see cref="DescribeAsync"/> and the gauges are thread-safe. All buffers are allocated at the start.
/// </remarks>
internal sealed class Lane : IDisposable
{
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FailedDeliveryDelay = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly Sender _sender;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Heartbeat _heartbeat;
    private readonly ILaneSource _source;
    private readonly StallWatch _stall;
    private readonly Settlement _settlement;
    private readonly PushSchedule _pushes;
    private readonly LaneInquiry _inquiry;
    private readonly RequestBuffers _requests;
    private readonly LaneWake _wake;
    private readonly UsedMemory _memory;
    private readonly BufferedRecords _buffered = new();

    private Batch _filling;
    private Batch _underWay;
    private Task<DeliveryOutcome>? _delivery;
    private long _lastMaintenance;

    public Lane(
        string name, LaneOptions options, ILaneSource source, Sender sender, CheckpointStore checkpoints, StageServices services)
    {
        (TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics, Heartbeat heartbeat) = services;
        _name = name;
        _sender = sender;
        _time = time;
        _logger = loggers.CreateLogger("Lanes");
        _metrics = metrics;
        _heartbeat = heartbeat;
        _source = source;
        _settlement = new Settlement(source, sender, checkpoints, time, _logger, metrics);
        _pushes = new PushSchedule(options.Batch.Wait, time);
        _inquiry = new LaneInquiry(Describe, () => new LaneStatus(name) { Blocked = true, Stalled = IsStalled, LastAnswer = LastAnswer }, Wake, time);
        _filling = new Batch(options.Batch, options.MaxLineBytes, sender.Times);
        _underWay = new Batch(options.Batch, options.MaxLineBytes, sender.Times);
        _requests = new RequestBuffers(Batch.Capacity(options.Batch, options.MaxLineBytes));
        _stall = new StallWatch(name, () => LastAnswer, () => _sender.Health.IsFailureLogged, time, _logger);
        _lastMaintenance = time.GetTimestamp();
        _memory = new UsedMemory(time);
        _wake = new LaneWake(time);
    }

    /// <summary>What the source has to read, as of the last maintenance.</summary>
    public SourceStatus Status => _source.Status;

    /// <summary>True if Loki has acknowledged nothing for five minutes although there is data to send.</summary>
    public bool IsStalled => _stall.IsStalled;

    /// <summary>Loki's last response to this lane, or to another lane if this one has had none yet; null before the first.</summary>
    public string? LastAnswer => _requests.LastAnswer ?? _sender.LastAnswer;

    /// <summary>Unacknowledged bytes in memory.</summary>
    public long BufferedBytes => _buffered.Bytes;

    /// <summary>Unacknowledged records in memory.</summary>
    public int BufferedRecords => _buffered.Records;

    /// <summary>Time of the oldest unacknowledged record, in nanoseconds since 1970; <see cref="long.MaxValue"/> if there is none.</summary>
    public long OldestNs => Math.Min(_buffered.OldestNs, _source.Status.OldestNs);

    /// <summary>Number of records that Loki had not acknowledged when the lane ended. They are read again.</summary>
    public int UnacknowledgedRecords { get; private set; }

    /// <summary>Wakes the lane.</summary>
    public void Wake() => _wake.Wake();

    /// <summary>Returns what the lane is doing. The lane answers at its next turn. If that takes more than two seconds, the lane counts as blocked.</summary>
    public Task<LaneStatus> DescribeAsync(CancellationToken stopping) => _inquiry.AskAsync(stopping);

    /// <summary>Runs the lane until it is told to end. Then it sends its remaining batches, until it is told to give up.</summary>
    /// <param name="ending">Canceled when the lane must stop reading.</param>
    /// <param name="stopping">Canceled when the agent shuts down: data that exists only in its open files must be saved.</param>
    /// <param name="givingUp">Canceled when the lane must stop sending.</param>
    public async Task RunAsync(CancellationToken ending, CancellationToken stopping, CancellationToken givingUp)
    {
        await using CancellationTokenRegistration registration = ending.Register(Wake);
        await using CancellationTokenRegistration end = givingUp.Register(Wake);
        while (!givingUp.IsCancellationRequested)
        {
            _heartbeat.Beat(_name);
            bool isEnding = ending.IsCancellationRequested;
            bool isSaving = stopping.IsCancellationRequested && _source.TrySaveNext();
            if (isEnding && !isSaving && _delivery is null && _filling.IsEmpty)
            {
                break;
            }

            if (!Turn(isEnding, out TimeSpan idle, givingUp) && !isSaving)
            {
                await _wake.WaitAsync(idle);
            }
        }

        if (_delivery is not null || !_filling.IsEmpty)
        {
            UnacknowledgedRecords = _filling.Records + (_delivery is null ? 0 : _underWay.Records);
            _settlement.CountRewound(_underWay);
            _settlement.CountRewound(_filling);
        }

        if (_delivery is { } givenUp)
        {
            // A successor may run in this process, so no push of this agent may still be in flight. How the delivery ends does not matter, because its batch
            // stays unconfirmed.
            await ((Task)givenUp).WaitAsync(MaxAnswerTime, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Update the status: the bytes that were acknowledged last are no longer held, and no longer lag.
        _source.Maintain();
        _heartbeat.End(_name);

        // Callers that ask from now on, while the successor takes over, get the last status of this lane.
        _inquiry.AnswerLast();
    }

    /// <summary>Does one turn of work, without waiting.</summary>
    /// <param name="isStopping">True if nothing more may be read.</param>
    /// <param name="idle">How long to sleep if there was nothing to do.</param>
    /// <param name="givingUp">Cancels the push in flight.</param>
    /// <returns>True if something was done.</returns>
    public bool Turn(bool isStopping, out TimeSpan idle, CancellationToken givingUp)
    {
        long start = _time.GetTimestamp();
        idle = MaxIdle;
        _inquiry.Answer();
        bool hasWorked = _source.DrainInbox();
        hasWorked |= Settle(givingUp);
        if (!isStopping && !_filling.IsFull)
        {
            if (_filling.IsEmpty)
            {
                _filling.OmitsMetadata = _sender.Metadata.IsOmitted;
            }

            hasWorked |= _source.Fill(_filling, _pushes.NextPush(start, isUnderWay: _delivery is not null), out idle);
            UpdateGauges();
        }

        hasWorked |= Dispatch(start, isStopping, ref idle, givingUp);
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_lastMaintenance, now) >= MaintenanceInterval)
        {
            _lastMaintenance = now;
            _source.Maintain();
            UpdateGauges();
            if (_delivery is null && _filling.IsEmpty && _memory.ShouldRelease())
            {
                _filling.Release();
                _underWay.Release();
                _requests.Release();
                _settlement.Release();
            }

            _stall.Check(hasWork: _delivery is not null || !_filling.IsEmpty || Status.LagBytes > 0);
        }

        return hasWorked;
    }

    private LaneStatus Describe()
    {
        var status = new LaneStatus(_name)
        {
            Stalled = IsStalled,
            LastAnswer = LastAnswer,
            BufferBytes = BufferedBytes,
            Push = _delivery is null || _pushes.LastPush is not { } last ? null : new PushStatus(_underWay.Records, _underWay.Bytes.Length, _time.GetElapsedTime(last).TotalSeconds),
        };
        Lanes.BufferedRecords.NoteAges(_filling, _underWay);
        _source.Describe(status);
        return status;
    }

    public void Dispose()
    {
        _source.Dispose();
        _wake.Dispose();
    }

    /// <summary>Sends the batch that is being filled if it is complete or due, and if no other batch is in flight.</summary>
    /// <param name="start">Timestamp of the start of the turn, which was before the batch was filled.</param>
    /// <param name="isStopping">True if nothing more may be read.</param>
    /// <param name="idle">Is shortened if the batch is due sooner.</param>
    /// <param name="givingUp">Cancels the push.</param>
    private bool Dispatch(long start, bool isStopping, ref TimeSpan idle, CancellationToken givingUp)
    {
        if (_delivery is not null || _filling.IsEmpty)
        {
            return false;
        }

        TimeSpan untilDue = _pushes.UntilDue(start);
        if (!isStopping && !_filling.IsFull && untilDue > TimeSpan.Zero)
        {
            idle = untilDue < idle ? untilDue : idle;
            return false;
        }

        (_filling, _underWay) = (_underWay, _filling);
        if (_underWay.Records == 0)
        {
            // Only positions moved: the lines are not sent.
            Clear(_settlement.Acknowledge(_underWay));
            return true;
        }

        _settlement.WriteIntent(_underWay);
        _memory.OnSent(_underWay.Bytes.Length);
        _pushes.OnPushed(start);
        Await(_sender.DeliverAsync(_underWay, _requests, givingUp));
        return true;
    }

    /// <summary>Handles the outcome of the delivery in progress, if it has ended.</summary>
    private bool Settle(CancellationToken givingUp)
    {
        if (_delivery is not { IsCompleted: true })
        {
            return false;
        }

        if (_delivery.IsCanceled && givingUp.IsCancellationRequested)
        {
            // The delivery was canceled. The batch stays unconfirmed, and is read again at the next start.
            return false;
        }

        if (!_delivery.IsCompletedSuccessfully)
        {
            _metrics.InternalErrors.Add(1);
            LaneEvents.DeliveryFailed(_logger, _delivery.Exception ?? (Exception)new OperationCanceledException());
            _settlement.MarkUnconfirmed(_underWay);
            Await(DeliverLaterAsync(givingUp));
            return true;
        }

        DeliveryOutcome outcome = _delivery.Result;
        _delivery = null;
        if (outcome.Rest is { } rest)
        {
            // Records got new times. Write them to the checkpoint, so that a crash does not change them.
            _settlement.WriteIntent(_underWay);
            Await(rest.ContinueAsync(givingUp));
            return true;
        }

        Clear(_settlement.Settle(outcome, _underWay, _filling));
        return true;
    }

    private async Task<DeliveryOutcome> DeliverLaterAsync(CancellationToken givingUp)
    {
        // A bug that occurs every time must not cause a busy loop.
        await Task.Delay(FailedDeliveryDelay, _time, givingUp);
        return await _sender.DeliverAsync(_underWay, _requests, givingUp);
    }

    /// <summary>Clears the settled batch.</summary>
    private void Clear(bool hasAny)
    {
        if (hasAny)
        {
            _stall.OnAcknowledged();
        }

        _underWay.Clear();
        UpdateGauges();
    }

    private void UpdateGauges() => _buffered.Update(_filling, _delivery is null ? null : _underWay);

    /// <summary>Wakes the lane when the delivery has ended.</summary>
    private void Await(Task<DeliveryOutcome> delivery)
    {
        _delivery = delivery;
        delivery.ContinueWith(
            static (_, lane) => ((Lane)lane!).Wake(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
