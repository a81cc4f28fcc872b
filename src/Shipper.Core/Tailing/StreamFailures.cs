using Shipper.Discovery;
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>Suspends streams that can't be read. Other streams are not affected.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamFailures(TailingServices services, LossRecorder losses)
{
    /// <summary>How long a stream is suspended after an error.</summary>
    private static readonly TimeSpan Suspension = TimeSpan.FromSeconds(5);

    /// <summary>A file is given up if reading fails at the same offset for this long and nobody writes to the file any more.</summary>
    private static readonly TimeSpan MaxFailure = TimeSpan.FromMinutes(1);

    /// <summary>Suspends a stream. Reading then resumes after its last batch.</summary>
    public void Suspend(TailedStream stream, Exception exception)
    {
        if (IoFailure.Is(exception))
        {
            ReportUnreadable(stream, stream.Queue.FindUnread()?.Path ?? stream.Checkpoint.Key, exception);
        }
        else
        {
            services.Metrics.InternalErrors.Add(1);
            TailingEvents.StreamFailed(services.Logger, exception, stream.Selector);
        }

        Suspend(stream);
    }

    /// <summary>
    /// Suspends a stream because a generation can't be read at its position. A bad disk block must not hold back the lines after it, so a file that nobody
    /// writes to any more is given up eventually.
    /// </summary>
    public void Suspend(TailedStream stream, Generation generation, IOException exception)
    {
        ReportUnreadable(stream, generation.Path, exception);
        long now = services.Time.GetTimestamp();
        if (generation.Failing is not { } failing || failing.Offset != generation.ReadPosition.Min)
        {
            generation.Failing = (generation.ReadPosition.Min, now);
        }
        else if (services.Time.GetElapsedTime(failing.Since, now) >= MaxFailure && stream.Queue.IsFinal(generation))
        {
            losses.GiveUp(stream, generation, LossReasons.Unreadable);
            generation.Fate = Fate.GivenUp;
            generation.Close();
        }

        Suspend(stream);
    }

    private void ReportUnreadable(TailedStream stream, string path, Exception exception)
    {
        const string Remedy = "Other files are not affected; the agent retries this one.";
        services.Metrics.FileErrors.Add(FileErrorReasons.Unreadable, 1);
        stream.Problem = new UnreadableSource(path, FileErrorReasons.Unreadable, exception.MessageWithoutPeriod(), Remedy);
        FileEvents.FileUnreadable(services.Logger, path, exception.MessageWithoutPeriod(), Remedy);
    }

    private void Suspend(TailedStream stream)
    {
        stream.IsReady = false;
        stream.HasFileChanges = true;
        stream.NextPoll = services.Time.TimestampAfter(Suspension);
    }
}
