using System.Runtime.InteropServices;
using Shipper.Checkpoints;

namespace Shipper.Batching;

/// <summary>The runs of a batch, in the order of their bytes. Runs are reused when the batch is cleared.</summary>
/// <remarks>Owned by its batch; not thread-safe.</remarks>
internal sealed class BatchRuns(Batch batch)
{
    private readonly List<Run> _runs = [];
    private int _count;

    public int Count => _count;

    /// <summary>The run that was started last; null if there is none.</summary>
    public Run? Last => _count > 0 ? _runs[_count - 1] : null;

    /// <summary>All runs.</summary>
    public ReadOnlySpan<Run> All => CollectionsMarshal.AsSpan(_runs)[.._count];

    /// <summary>True if Loki may already have some of the records.</summary>
    public bool HasUnconfirmed
    {
        get
        {
            foreach (Run run in All)
            {
                if (run is { IsUnconfirmed: true, Records: > 0 })
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>See <see cref="Batch.OldestNs"/>.</summary>
    public long OldestNs
    {
        get
        {
            long oldest = long.MaxValue;
            foreach (Run run in All)
            {
                oldest = run.Records > 0 && run.FirstOwnNs >= TimeWindow.FirstPlausibleNs ? Math.Min(oldest, run.FirstOwnNs) : oldest;
            }

            return oldest;
        }
    }

    /// <summary>Adds a run, which the caller has to begin.</summary>
    public Run Add()
    {
        if (_count == _runs.Count)
        {
            _runs.Add(new Run());
        }

        return _runs[_count++];
    }

    /// <summary>Removes the last run if it has no records and no mark.</summary>
    public void RemoveIfEmpty(Run run)
    {
        if (run.Records == 0 && !run.HasMark)
        {
            _count--;
            run.Stream.RunsInBatches--;
            Unlink(run);
        }
    }

    /// <summary>Finds a stream's last run that is not a report of a loss; null if the batch has none.</summary>
    public Run? FindLast(LogStream stream)
    {
        if (stream.LastRun is not { } last || last.Batch != batch)
        {
            return null;
        }

        for (int i = _count - 1; last.IsLossReport && i >= 0; i--)
        {
            last = _runs[i].Stream == stream ? _runs[i] : last;
        }

        return last is { IsLossReport: false, IsRemoved: false } ? last : null;
    }

    /// <summary>Finds a stream with records in the batch, other than the given one; null if there is none.</summary>
    public LogStream? FindOther(LogStream stream)
    {
        foreach (Run run in All)
        {
            if (run.Records > 0 && run.Stream != stream)
            {
                return run.Stream;
            }
        }

        return null;
    }

    /// <summary>Removes all runs.</summary>
    public void Clear()
    {
        foreach (Run run in All)
        {
            run.Stream.RunsInBatches--;
            if (run.Stream.LastRun == run)
            {
                run.Stream.LastRun = null;
            }
        }

        _count = 0;
    }

    /// <summary>Frees the memory of runs that are not in use.</summary>
    public void Release()
    {
        _runs.RemoveRange(_count, _runs.Count - _count);
        _runs.TrimExcess();
    }

    private void Unlink(Run run)
    {
        if (run.Stream.LastRun != run)
        {
            return;
        }

        run.Stream.LastRun = null;
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_runs[i].Stream == run.Stream)
            {
                _runs[i].Next = null;
                run.Stream.LastRun = _runs[i];
                break;
            }
        }
    }
}
