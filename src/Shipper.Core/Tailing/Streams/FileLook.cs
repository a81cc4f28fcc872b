using Shipper.Content;
using Shipper.Native;

namespace Shipper.Tailing.Streams;

/// <summary>Looks at the files of generations, and finds out what became of them.</summary>
internal static class FileLook
{
    /// <summary>Looks at the open file: its links and size, and whether it still holds this content.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="now">The present timestamp.</param>
    /// <returns>False if it was truncated, whatever was written to it since.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public static bool TryLook(this Generation generation, long now)
    {
        FileStatus before = generation.Status;
        if (generation.Handle is null || generation.File.Copy is not null || FileStatus.OfHandle(generation.Handle, out FileStatus status) != 0)
        {
            return true;
        }

        generation.File.Status = status;
        if (generation.IsGzip)
        {
            return TryLookAtGzip(generation, before, now);
        }

        // Writing to a mapped file does not change its times at once.
        bool isFilled = generation.HasChangedBehind;
        if (!isFilled && status.Size == generation.Size + generation.NulsBehind && status.Size == before.Size && status.ModifiedNs == before.ModifiedNs)
        {
            return true;
        }

        // Before reading on: a file that was truncated and has grown past the position again begins differently.
        if (status.Size < generation.Size + generation.NulsBehind || !TryMatchHead(generation, minLength: 0))
        {
            return false;
        }

        // Also where the size is known by now: it was read before it was looked at.
        if (isFilled || status.Size > generation.Size + generation.NulsBehind)
        {
            generation.Progress.Grow(status.Size);
        }

        generation.LastGrowth = now;
        return true;
    }

    /// <summary>
    /// Asked behind a read, tells whether the bytes are this content's. Those behind the size that is known are taken note of, so
    /// that a position in them is never kept with an identity that is shorter than it could be: a restart would not find the
    /// file again.
    /// </summary>
    /// <param name="generation">The generation.</param>
    /// <param name="end">Where the bytes end.</param>
    /// <returns>False if the file was truncated meanwhile, whatever was written to it since.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public static bool TryTake(this Generation generation, long end)
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

    /// <summary>Looks at a parked file by its name.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="hasChanged">True if it has to be opened to find out what became of it.</param>
    /// <returns>False if its name leads to another file now, or nowhere.</returns>
    public static bool TryLookParked(this Generation generation, long now, out bool hasChanged)
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
            generation.Progress.NoteChange(status.Size);
        }

        return true;
    }

    /// <summary>True while a compressed file that ends in the middle may still be written: nothing was added to it, but it is not long ago.</summary>
    public static bool IsUnfinished(this Generation generation, TimeProvider time) =>
        generation.Unfinished is { } since && time.GetElapsedTime(since) < GzipContent.MaxPause && GzipContent.MayBeUnfinished(generation.Status, time);

    /// <summary>A compressed file that was not finished has grown: it is read on, and known better by more of its content.</summary>
    private static bool TryLookAtGzip(Generation generation, FileStatus before, long now)
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

        bool TryMatch(Span<byte> head) => generation.TryTakeHead(head[..GzipContent.ReadHead(generation.Handle!, head, out _)]);
    }

    /// <summary>Tells whether the open file still has the content that is known of it, and takes the longer identity if it has grown.</summary>
    private static bool TryMatchHead(Generation generation, int minLength)
    {
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        long start = generation.Start;
        int length = FileHead.Read(generation.Handle!, head, ref start);
        if (!generation.TryTakeHead(head[..length]) || (length < minLength && (FileStatus.OfHandle(generation.Handle!, out FileStatus status) != 0 || status.Size < minLength)))
        {
            return false;
        }

        generation.Start = start;
        return true;
    }
}
