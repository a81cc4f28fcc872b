using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Held;

/// <summary>Releases the oldest deleted files of a lane while all lanes together hold more than they may.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class HeldLimit(HeldBudget budget, StreamRegistry streams, LogDirectories directories, LossBook losses)
{
    /// <summary>Bytes on the disk that only the lane's open handles keep.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Releases what is too much.</summary>
    /// <param name="growth">How fast the lane's unacknowledged bytes grow, held or not, in bytes a second.</param>
    public void Enforce(double growth)
    {
        Update(growth);
        while (budget.MustLetGo(this) && HeldFiles.FindOldest(streams.All) is { } held)
        {
            held.Generation.File.Detach()?.Dispose();
            held.Generation.Fate = Fate.LetGo;

            // What is there under another name, compressed, is read on from there.
            directories.Scan(held.Generation.Series.Directory, held.Generation.Series);
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
