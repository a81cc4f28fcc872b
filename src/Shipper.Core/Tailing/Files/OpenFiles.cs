using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Decides of each file that was opened whether it stays open.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
/// <param name="services">What every part of tailing needs.</param>
/// <param name="files">The descriptors that the lane may keep.</param>
internal sealed class OpenFiles(TailingServices services, FileBudget.Share files)
{
    /// <summary>A file was opened. It stays open if there is room for it; else its stream has to wait for its turn.</summary>
    public void KeepOrPark(TailedStream stream, Generation generation)
    {
        stream.HasNews = true;
        if (!files.TryKeep(generation.Handle!) && generation.CanPark)
        {
            generation.Park();
        }
    }

    /// <summary>What is opened for the first time while there is doubt may have been sent.</summary>
    public void SuspectInDoubt(Generation generation)
    {
        if (generation.Resend.SuspectUntil == 0 && services.Checkpoints.IsInDoubt)
        {
            generation.Resend.SuspectUntil = generation.Size;
            generation.Resend.IsUnaskable = services.Checkpoints.IsUnaskable;
        }
    }
}
