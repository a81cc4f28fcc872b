using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Distinguishes a generation under another name, or a copy of it, from a file that only begins like it.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class ContentComparer
{
    private readonly byte[] _block = new byte[8 * 1024];

    /// <summary>Compares a file with a known generation that begins like it.</summary>
    /// <param name="mayBeCut">True if the file may be that of the generation, with its end lost in a crash of the machine.</param>
    /// <exception cref="IOException">One of the two files can't be read.</exception>
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

        // A copy is never longer than its original: a longer file only begins like this one, perhaps with just a few equal bytes.
        long presentSize = generation.IsGzip || FileStatus.OfHandle(generation.Handle, out FileStatus present) != 0 ? generation.Size : present.Size;
        if (file.Size > presentSize && (file.IsGzip || !generation.IsDeleted))
        {
            return presentSize < generation.Size ? ContentMatch.Later : ContentMatch.None;
        }

        if (!HaveSameContent(generation, file))
        {
            return !generation.IsDeleted && !generation.IsGzip && FileStatus.OfHandle(generation.Handle, out present) == 0 && present.Size < presentSize
                ? ContentMatch.Later : ContentMatch.None;
        }

        // The file was deleted after it was compressed. If nothing of it was read, the smaller file is held.
        return generation.IsDeleted && (file.IsGzip ? generation.Read.Max == 0 && file.Size >= presentSize : file.Size >= generation.Read.Max)
            ? ContentMatch.Same : ContentMatch.Copy;
    }

    /// <summary>Compares a file with a known generation that begins like it and is not open.</summary>
    public static ContentMatch CompareWithClosed(Generation generation, FileCandidate file, bool mayBeCut)
    {
        // The last acknowledged bytes had not reached the disk when the machine crashed.
        if (mayBeCut && file.Size < generation.Read.Max)
        {
            return ContentMatch.Same;
        }

        bool isSameFile = generation.Checkpoint.Inode == file.Status.Inode;
        bool isCommon = Generation.IsCommonHead(generation.Series, file.Head);
        if (isCommon && generation.Proof.IsKnown && !mayBeCut && (file.IsGzip || file.Size >= generation.Proof.Offset))
        {
            // Decompressing the file only to confirm this would take seconds.
            bool isCertain = file.IsGzip && file.Size == generation.Size && (isSameFile || file.Name.Stem.SequenceEqual(generation.Name.Stem));
            return isCertain || generation.Proof.Matches(file.Handle, file.IsGzip) ? ContentMatch.Same : ContentMatch.None;
        }

        // Many files begin alike, and nothing else is known. But if this is the file, a line begins at the position.
        if (isCommon && !file.IsGzip && file.Size > generation.Read.Max && (generation.Series.HasHeaders || !isSameFile)
            && !MayBePosition(file.Handle, file.Content.Start, generation.Read.Min))
        {
            return ContentMatch.None;
        }

        // The file is shorter than the position: it is a new one if it has the live name or many files begin alike, otherwise an older copy.
        return file.Size >= generation.Read.Max || file.IsGzip ? ContentMatch.Same
            : file.Name.IsLive || isCommon ? ContentMatch.None
            : ContentMatch.Copy;
    }

    /// <summary>True if a line begins at an offset, or a record of docker's that follows a truncated one.</summary>
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
    /// Distinguishes a copy from a file that only begins alike, as logs with a constant heading do, by comparing the bytes before the end of the shorter
    /// one. If a saved copy does not contain these bytes, the equal beginning is accepted as proof.
    /// </summary>
    public bool HaveSameContent(Generation generation, FileCandidate file)
    {
        if (file.IsGzip || generation.IsGzip)
        {
            return !generation.HasCommonHead || generation.File.Copy is not null || HaveSameChecksum(generation, file);
        }

        long end = Math.Min(generation.Status.Size, file.Size);
        return Math.Max(0, end - CommonContent.BlockBytes) < generation.File.Copy?.WholeFrom || CommonContent.AreEqualBefore(generation.Handle!, file.Handle, end);
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
