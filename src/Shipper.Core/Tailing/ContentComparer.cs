using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Parsing;

namespace Shipper.Tailing;

/// <summary>
/// Tells a generation under another name, or a copy of it, from a file that only begins like it.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class ContentComparer
{
    private const int ComparedBytes = 4096;

    private readonly byte[] _compared = new byte[2 * ComparedBytes];

    /// <summary>Decides what a file that begins like a known generation is to it.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="handle">The file.</param>
    /// <param name="content">What was seen of its content.</param>
    /// <param name="mayBeCut">True where it is the same file and may have lost its end when the machine went down.</param>
    /// <exception cref="IOException">One of the two can't be read.</exception>
    public ContentMatch Compare(Generation generation, GenerationName name, SafeFileHandle handle, FileContent content, bool mayBeCut)
    {
        long size = content.Size;
        bool isGzip = content.IsGzip;
        if (generation.IsGivenUp)
        {
            return ContentMatch.Copy;
        }

        if (generation.Handle is null)
        {
            // What was acknowledged last did not reach the disk before the machine went down.
            if (mayBeCut && size < generation.Read.Max)
            {
                return ContentMatch.Same;
            }

            // Docker's lines begin with their text, so that many files begin alike; but a position in one is where a line begins.
            if (!isGzip && size > generation.Read.Max && !MayBePosition(handle, content.Start, generation.Read.Min))
            {
                return ContentMatch.None;
            }

            // Too short for the position: under the live name something new that begins alike, under another an older copy.
            return size >= generation.Read.Max || isGzip ? ContentMatch.Same : name.IsLive ? ContentMatch.None : ContentMatch.Copy;
        }

        // A copy holds no more than what it was made from: a longer file only begins like this one, which may be a few bytes.
        long presentSize = generation.IsGzip || FileStatus.OfHandle(generation.Handle, out FileStatus present) != 0 ? generation.Size : present.Size;
        if (size > presentSize && (isGzip || !generation.IsDeleted))
        {
            return presentSize < generation.Size ? ContentMatch.Later : ContentMatch.None;
        }

        if (generation.IsDeleted)
        {
            if (isGzip)
            {
                // Deleted after it was compressed. What is not begun is held as the smaller file.
                return generation.Read.Max == 0 && size >= presentSize ? ContentMatch.Same : ContentMatch.Copy;
            }

            return !HaveSameContent(generation, handle, size) ? ContentMatch.None : size >= generation.Read.Max ? ContentMatch.Same : ContentMatch.Copy;
        }

        return isGzip || HaveSameContent(generation, handle, size) ? ContentMatch.Copy
            : FileStatus.OfHandle(generation.Handle, out present) == 0 && present.Size < presentSize ? ContentMatch.Later
            : ContentMatch.None;
    }

    /// <summary>True if a line begins at an offset, or a record of docker's behind one that was cut off; always true if the lines are not docker's.</summary>
    private static bool MayBePosition(SafeFileHandle handle, long start, long offset)
    {
        Span<byte> found = stackalloc byte[1];
        if (offset <= start || RandomAccess.Read(handle, found, start) == 0 || found[0] != '{')
        {
            return true;
        }

        if (RandomAccess.Read(handle, found, offset - 1) == 0 || found[0] == '\n')
        {
            return true;
        }

        Span<byte> record = stackalloc byte[DockerParser.Start.Length];
        int length = RandomAccess.Read(handle, record, offset);
        return length > 0 && (record[0] == 0 || record.SequenceEqual(DockerParser.Start));
    }

    /// <summary>
    /// Tells a copy from a file that only begins alike, as logs with a constant heading do: compares what stands before
    /// the shorter one's end. Where a saved copy does not have that, the beginning has to do.
    /// </summary>
    private bool HaveSameContent(Generation generation, SafeFileHandle other, long otherSize)
    {
        if (generation.IsGzip)
        {
            return true;
        }

        long end = Math.Min(generation.Status.Size, otherSize);
        long start = Math.Max(0, end - ComparedBytes);
        if (start < generation.Copy?.WholeFrom)
        {
            return true;
        }

        int length = (int)(end - start);
        Span<byte> ours = _compared.AsSpan(0, length);
        Span<byte> theirs = _compared.AsSpan(ComparedBytes, length);
        return RandomAccess.Read(generation.Handle!, ours, start) == length
            && RandomAccess.Read(other, theirs, start) == length
            && ours.SequenceEqual(theirs);
    }
}
