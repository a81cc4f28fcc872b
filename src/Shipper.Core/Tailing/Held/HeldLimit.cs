using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Held;

/// <summary>Releases the oldest deleted files of a lane while all lanes together hold more bytes than the budget allows.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class HeldLimit(HeldBudget budget, StreamRegistry streams, LogDirectories directories, LossRecorder losses)
{
    /// <summary>Bytes on disk that only the lane's open handles keep alive.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Releases files until the held bytes are within the budget.</summary>
    /// <param name="growth">Growth of the lane's unacknowledged bytes, held or not, in bytes per second.</param>
    public void Enforce(double growth)
    {
        Update(growth);
        while (budget.MustRelease(this) && HeldFiles.FindOldest(streams.All) is { } held)
        {
            held.Generation.File.Detach()?.Dispose();
            held.Generation.Fate = Fate.Released;

            // If the content also exists compressed under another name, reading continues there.
            directories.Scan(held.Generation.Log.Directory, held.Generation.Log);
            if (!held.Generation.HasFile)
            {
                losses.GiveUp(held.Stream, held.Generation, LossReasons.HeldBytes);
            }

            Update(growth);
        }
    }

    private void Update(double growth)
    {
        HeldBytes = HeldFiles.Sum(streams.All);
        (TailedStream, Generation Generation)? oldest = HeldBytes > 0 ? HeldFiles.FindOldest(streams.All) : null;
        budget.Report(this, HeldBytes, oldest?.Generation.Status.ModifiedNs ?? long.MaxValue, growth);
    }
}
