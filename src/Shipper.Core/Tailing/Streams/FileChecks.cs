using Shipper.Content;
using Shipper.Native;

namespace Shipper.Tailing.Streams;

/// <summary>Checks the files of generations for growth, truncation, deletion and moves.</summary>
internal static class FileChecks
{
    /// <summary>Checks an open file: its link count, its size, and whether it still has the generation's content.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <returns>False if the file was truncated, even if it has grown again since.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static bool TryCheck(this Generation generation, long now)
    {
        FileStatus before = generation.Status;
        if (generation.Handle is null || generation.File.Copy is not null || FileStatus.OfHandle(generation.Handle, out FileStatus status) != 0)
        {
            return true;
        }

        generation.File.Status = status;
        if (generation.IsGzip)
        {
            return TryCheckGzip(generation, before, now);
        }

        // A write through a memory mapping does not change the file's times immediately.
        bool isFilled = generation.HaveTrailingNulsChanged;
        if (!isFilled && status.Size == generation.Size + generation.TrailingNuls && status.Size == before.Size && status.ModifiedNs == before.ModifiedNs)
        {
            return true;
        }

        // Check before reading further: a file that was truncated and has grown past the position again has a different beginning.
        if (status.Size < generation.Size + generation.TrailingNuls || !TryMatchHead(generation, minLength: 0))
        {
            return false;
        }

        // Even if the size is known: those bytes were read before this check.
        if (isFilled || status.Size > generation.Size + generation.TrailingNuls)
        {
            generation.Progress.Grow(status.Size);
        }

        generation.LastGrowth = now;
        return true;
    }

    /// <summary>
    /// Checks after a read whether the bytes belong to the generation. If they extend beyond the known size, extends the size and the identity. A position in
    /// these bytes must not be saved with a shorter identity, because a restart would not find the file again.
    /// </summary>
    /// <param name="end">Offset of the end of the bytes.</param>
    /// <returns>False if the file was truncated in the meantime, even if it has grown again since.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static bool TryAcceptRead(this Generation generation, long end)
    {
        bool isTouched = FileStatus.OfHandle(generation.Handle!, out FileStatus status) == 0
            && (status.Size != generation.Status.Size || status.ModifiedNs != generation.Status.ModifiedNs);
        bool isLonger = end > generation.Size;
        if (isTouched && status.Size < generation.Size)
        {
            return false;
        }

        if ((isTouched || (isLonger && generation.Identity.Length < FileIdentity.MaxLength))
            && !TryMatchHead(generation, isLonger ? (int)Math.Min(end, FileIdentity.MaxLength) : 0))
        {
            return false;
        }

        if (isLonger)
        {
            generation.Progress.GrowTo(end);
        }

        return true;
    }

    /// <summary>Checks a parked file by its name.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="hasChanged">True if the file must be opened to find out what happened to it.</param>
    /// <returns>False if the name leads to another file now, or nowhere.</returns>
    public static bool TryCheckParked(this Generation generation, long now, out bool hasChanged)
    {
        hasChanged = false;
        if (generation.File.Copy is not null)
        {
            return true;
        }

        int error = FileStatus.OfPath(generation.Path, out FileStatus status);
        if (error != 0)
        {
            return error != Libc.ErrorNotFound;
        }

        if (!generation.File.IsParkedAs(status))
        {
            return false;
        }

        hasChanged = !generation.IsGzip && (status.Size != generation.Status.Size || status.ModifiedNs != generation.Status.ModifiedNs);
        if (hasChanged)
        {
            generation.LastGrowth = status.Size == generation.Size ? generation.LastGrowth : now;
            generation.Progress.OnChanged(status.Size);
        }

        return true;
    }

    /// <summary>True while a compressed file that ends in the middle may still be incomplete, because it has grown recently.</summary>
    public static bool IsUnfinished(this Generation generation, TimeProvider time) =>
        generation.UnfinishedSince is { } since && time.GetElapsedTime(since) < GzipContent.MaxWriteGap && GzipContent.MayBeUnfinished(generation.Status, time);

    /// <summary>Checks a compressed file. If an incomplete file has grown, reading continues and the identity is extended.</summary>
    private static bool TryCheckGzip(Generation generation, FileStatus before, long now)
    {
        if (generation.Status.Size == before.Size && generation.Status.ModifiedNs == before.ModifiedNs)
        {
            return true;
        }

        generation.LastGrowth = now;
        if (generation.Status.Size < before.Size)
        {
            return false;
        }

        if (!generation.Progress.IsExhausted)
        {
            generation.Progress.EndAwait();
            return generation.Identity.Length == FileIdentity.MaxLength || TryMatch(stackalloc byte[FileIdentity.MaxLength]);
        }

        return true;

        bool TryMatch(Span<byte> head) => generation.TryMatchHead(head[..GzipContent.ReadHead(generation.Handle!, head, out _)]);
    }

    /// <summary>Checks whether the open file still has the known content, and extends the identity if it has grown.</summary>
    private static bool TryMatchHead(Generation generation, int minLength)
    {
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        long start = generation.Start;
        int length = FileHead.Read(generation.Handle!, head, ref start);
        if (!generation.TryMatchHead(head[..length]) || (length < minLength && (FileStatus.OfHandle(generation.Handle!, out FileStatus status) != 0 || status.Size < minLength)))
        {
            return false;
        }

        generation.Start = start;
        return true;
    }
}
