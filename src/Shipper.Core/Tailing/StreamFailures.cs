using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>Leaves streams alone that can't be read. The others go on.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamFailures(TailingServices services, LossBook losses)
{
    /// <summary>After an error a stream is left alone for this long.</summary>
    private static readonly TimeSpan Suspension = TimeSpan.FromSeconds(5);

    /// <summary>A file that gives errors at one place for this long, and to which nothing is written any more, is given up.</summary>
    private static readonly TimeSpan MaxFailure = TimeSpan.FromMinutes(1);

    /// <summary>Suspends a stream. It then resumes where its batch ended.</summary>
    public void Suspend(TailedStream stream, Exception exception)
    {
        if (IoFailure.Is(exception))
        {
            ReportUnreadable(stream.Queue.FindUnread()?.Path ?? stream.Checkpoint.Key, exception);
        }
        else
        {
            services.Metrics.InternalErrors.Add(1);
            TailingEvents.StreamFailed(services.Logger, exception, stream.Selector);
        }

        LeaveAlone(stream);
    }

    /// <summary>
    /// Suspends a stream because a generation can't be read at its position. A part of the disk that can't be read
    /// must not keep what was written after it from being sent, so a file that nothing is written to is given up in the end.
    /// </summary>
    public void Suspend(TailedStream stream, Generation generation, IOException exception)
    {
        ReportUnreadable(generation.Path, exception);
        long now = services.Time.GetTimestamp();
        if (generation.Failing is not { } failing || failing.Offset != generation.Read.Min)
        {
            generation.Failing = (generation.Read.Min, now);
        }
        else if (services.Time.GetElapsedTime(failing.Since, now) >= MaxFailure && stream.Queue.IsFinal(generation))
        {
            losses.GiveUp(stream, generation, LossReasons.Unreadable);
            generation.Fate = Fate.GivenUp;
            generation.Close();
        }

        LeaveAlone(stream);
    }

    private void ReportUnreadable(string path, Exception exception)
    {
        services.Metrics.FileErrors.Add("unreadable", 1);
        FileEvents.FileUnreadable(services.Logger, path, exception.Text(), "Other files go on; this one is tried again.");
    }

    private void LeaveAlone(TailedStream stream)
    {
        stream.IsReady = false;
        stream.HasNews = true;
        stream.NextPoll = services.Time.After(Suspension);
    }
}
