using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Distinguishes a generation under another name, or a copy of it, from a different file that starts with the same bytes.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class ContentComparer
{
    private readonly byte[] _block = new byte[8 * 1024];

    /// <summary>Compares a file with a known generation that starts with the same bytes.</summary>
    /// <param name="mayBeCut">True if the file may be the generation's, with its end lost when the machine crashed.</param>
    /// <exception cref="IOException">One of the files can't be read.</exception>
    public ContentMatch Compare(Generation generation, FileCandidate file, bool mayBeCut)
    {
        if (generation.Fate == Fate.GivenUp)
        {
            return ContentMatch.Copy;
        }

        if (generation.Handle is null)
        {
            return CompareWithClosed(generation, file, mayBeCut);
        }

        // A copy is never longer than its original, so a longer file is a different one, perhaps with only a few equal bytes.
        long presentSize = generation.IsGzip || FileStatus.OfHandle(generation.Handle, out FileStatus present) != 0 ? generation.Size : present.Size;
        if (file.Size > presentSize && (file.IsGzip || !generation.IsDeleted))
        {
            return presentSize < generation.Size ? ContentMatch.Undecided : ContentMatch.None;
        }

        if (!HaveSameContent(generation, file))
        {
            return !generation.IsDeleted && !generation.IsGzip && FileStatus.OfHandle(generation.Handle, out present) == 0 && present.Size < presentSize
                ? ContentMatch.Undecided : ContentMatch.None;
        }

        // A deleted generation continues in its compressed file only if none of it was read: the smaller file is cheaper to hold.
        return generation.IsDeleted && (file.IsGzip ? generation.ReadPosition.Max == 0 && file.Size >= presentSize : file.Size >= generation.ReadPosition.Max)
            ? ContentMatch.Same : ContentMatch.Copy;
    }

    /// <summary>Compares a file with a known generation that starts with the same bytes and is not open.</summary>
    public static ContentMatch CompareWithClosed(Generation generation, FileCandidate file, bool mayBeCut)
    {
        // The file lost bytes that were acknowledged: they had not reached the disk when the machine crashed.
        if (mayBeCut && file.Size < generation.ReadPosition.Max)
        {
            return ContentMatch.Same;
        }

        bool isSameFile = generation.Checkpoint.Inode == file.Status.Inode;
        bool isCommon = Generation.IsCommonHead(generation.Log, file.Head);
        if (isCommon && generation.Proof.IsKnown && !mayBeCut && (file.IsGzip || file.Size >= generation.Proof.Offset))
        {
            // Decompressing the file only to confirm this would take seconds.
            bool isCertain = file.IsGzip && file.Size == generation.Size && (isSameFile || file.Name.Stem.SequenceEqual(generation.Name.Stem));
            return isCertain || generation.Proof.Matches(file.Handle, file.IsGzip) ? ContentMatch.Same : ContentMatch.None;
        }

        // Many files start with the same bytes, and nothing else is known. But if this is the right file, a line begins at the position.
        if (isCommon && !file.IsGzip && file.Size > generation.ReadPosition.Max && (generation.Log.HasHeaders || !isSameFile)
            && !MayBePosition(file.Handle, file.Content.Start, generation.ReadPosition.Min))
        {
            return ContentMatch.None;
        }

        // The file is shorter than the position. It is a different file if it has the live name or if many files start with the same bytes; otherwise it is
        // an older copy.
        return file.Size >= generation.ReadPosition.Max || file.IsGzip ? ContentMatch.Same
            : file.Name.IsLive || isCommon ? ContentMatch.None
            : ContentMatch.Copy;
    }

    /// <summary>True if a line begins at an offset, or if a record of docker's begins there, after a truncated one.</summary>
    private static bool MayBePosition(SafeFileHandle handle, long start, long offset)
    {
        Span<byte> found = stackalloc byte[1];
        if (offset <= start || RandomAccess.Read(handle, found, offset - 1) == 0 || found[0] == '\n')
        {
            return true;
        }

        // In UTF-16 a NUL follows the newline.
        Span<byte> record = stackalloc byte[DockerParser.Start.Length];
        int length = RandomAccess.Read(handle, record, offset);
        return found[0] == 0 || (length > 0 && (record[0] == 0 || record.SequenceEqual(DockerParser.Start)));
    }

    /// <summary>
    /// Distinguishes a copy from a different file that starts with the same bytes, such as a constant heading. Compares the bytes before the end of the
    /// shorter file. If a saved copy does not contain these bytes, the equal beginning is accepted as proof.
    /// </summary>
    public bool HaveSameContent(Generation generation, FileCandidate file)
    {
        if (file.IsGzip || generation.IsGzip)
        {
            return !generation.HasCommonHead || generation.File.Copy is not null || HaveSameChecksum(generation, file);
        }

        long end = Math.Min(generation.Status.Size, file.Size);
        return Math.Max(0, end - CommonPrefix.BlockBytes) < generation.File.Copy?.CompleteFrom || CommonPrefix.AreEqualBefore(generation.Handle!, file.Handle, end);
    }

    /// <summary>Compares checksums. A gzip file ends with the checksum of its content, so nothing has to be decompressed.</summary>
    private bool HaveSameChecksum(Generation generation, FileCandidate file)
    {
        uint? theirs = file.IsGzip ? GzipContent.ReadChecksum(file.Handle, file.Status.Size) : ChecksumOf(file.Handle, generation.Size);
        uint? ours = generation.IsGzip ? GzipContent.ReadChecksum(generation.Handle!, generation.Status.Size) : ChecksumOf(generation.Handle!, file.Size);
        return theirs is not null && theirs == ours;
    }

    private uint? ChecksumOf(SafeFileHandle handle, long length)
    {
        var checksum = new Crc32();
        for (long offset = 0; offset < length;)
        {
            Span<byte> block = _block.AsSpan(0, (int)Math.Min(_block.Length, length - offset));
            int read = RandomAccess.Read(handle, block, offset);
            if (read == 0)
            {
                return null;
            }

            checksum.Append(block[..read]);
            offset += read;
        }

        return checksum.GetCurrentHashAsUInt32();
    }
}
