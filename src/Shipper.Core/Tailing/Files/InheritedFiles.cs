using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Resumes the files of the previous agent: files that it had open in this process, and saved copies of deleted files.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class InheritedFiles(TailingServices services, FileBudget.Share files, LossRecorder losses)
{
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    /// <summary>Restores the state of a generation and its open file from the previous agent, if that agent ran in this process.</summary>
    public void AttachInherited(TailedStream stream, Generation generation)
    {
        if (services.Copies.ClaimInherited(generation.Checkpoint.Id) is not { } open)
        {
            return;
        }

        generation.Place.Name = open.Name;
        generation.Progress.OnRead(open.ReadEnd);
        generation.Place.IsQueued = true;
        if (open.Handle is null)
        {
            return;
        }

        try
        {
            // As for any open file, the next check verifies the content before the file is read.
            if (FileStatus.OfHandle(open.Handle, out FileStatus status) == 0)
            {
                var content = FileContent.Inspect(open.Handle, status, _head);
                generation.Attach(open.Handle, status, open.IsGzip, open.IsGzip ? content.Size : generation.Size);
                generation.Start = content.Start;
                generation.Resend.MarkUnconfirmed(generation.Size, services.Checkpoints);
                files.KeepOrPark(stream, generation);
                return;
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            FileEvents.FileUnreadable(services.Logger, generation.Path, e.MessageWithoutPeriod(), "The agent retries at the next scan.");
        }

        open.Handle.Dispose();
    }

    /// <summary>Opens the saved copy of a generation, if there is one.</summary>
    /// <returns>False if there is a copy that can't be opened at the moment.</returns>
    public bool TryAttachCopy(TailedStream stream, Generation generation)
    {
        if (generation.HasFile || services.Copies.Find(generation.Checkpoint.Id) is not { } copy)
        {
            return true;
        }

        int error = LogFileOpener.Open(copy.Path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            FileEvents.CopyUnreadable(services.Logger, copy.Path, Marshal.GetPInvokeErrorMessage(error));
            return error == Libc.ErrorNotFound;
        }

        long size;
        try
        {
            FileContent content = FileContent.Inspect(handle, status, _head);
            if (!generation.Identity.Matches(content.HeadOf(_head)))
            {
                FileEvents.CopyUnreadable(services.Logger, copy.Path, "its content does not match");
                handle.Dispose();
                copy.Delete();
                return true;
            }

            size = content.Size;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            FileEvents.CopyUnreadable(services.Logger, copy.Path, e.MessageWithoutPeriod());
            handle.Dispose();
            return false;
        }

        losses.Count(stream, generation, LossReasons.Deleted, generation.Size - Math.Max(size, generation.ReadPosition.Max));
        generation.Attach(copy, handle, status, size);
        generation.Resend.MarkUnconfirmed(generation.Size, services.Checkpoints);
        files.KeepOrPark(stream, generation);
        return true;
    }
}
