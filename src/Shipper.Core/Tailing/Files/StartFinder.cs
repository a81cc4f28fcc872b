using Shipper.Content;
using Shipper.Discovery;
using Shipper.Parsing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Finds the position in a file at which <c>startAt</c> begins.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StartFinder(TimeProvider time)
{
    private const int BlockBytes = 128 * 1024;
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly ContainerLineParser _parser = new(BlockBytes);
    private readonly PlainTextDecoder _plain = new(BlockBytes);

    /// <summary>Finds the offset of the first line to read.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public long Find(Generation generation, LogKind kind)
    {
        StartAt startAt = kind.Options.StartAt;
        if (startAt.Mode == StartMode.Beginning)
        {
            return 0;
        }

        if (startAt.Mode == StartMode.End)
        {
            return generation.IsGzip ? generation.Size : FindLastLineEnd(generation, kind);
        }

        long sinceNs = UnixTime.ToNanoseconds(time.GetUtcNow() - startAt.Age);
        if (generation.Status.ModifiedNs < sinceNs)
        {
            return generation.IsGzip ? generation.Size : FindLastLineEnd(generation, kind);
        }

        if (!kind.HasHeaders)
        {
            // The file has newer lines, but no timestamps to find them by.
            return 0;
        }

        return generation.IsGzip ? FindByReading(generation, sinceNs) : FindByHalving(generation, kind, sinceNs);
    }

    /// <summary>Finds the end of the last complete line. A line that is being written right now is read from its beginning.</summary>
    private long FindLastLineEnd(Generation generation, LogKind kind)
    {
        _plain.Encoding = kind.HasHeaders ? default : PlainTextDecoder.Detect(_block.AsSpan(0, RandomAccess.Read(generation.Handle!, _block.AsSpan(0, sizeof(char)), 0))) ?? default;
        for (long end = generation.Size; end > 0;)
        {
            long start = Math.Max(0, end - _block.Length);
            int length = RandomAccess.Read(generation.Handle!, _block.AsSpan(0, (int)(end - start)), start);
            int lineEnd = _plain.FindLastLineEnd(_block.AsSpan(0, length), start);
            if (lineEnd >= 0)
            {
                return start + lineEnd;
            }

            // Include the last byte again, so that a two-byte newline is not split.
            end = start == 0 ? 0 : start + _plain.NewlineBytes - 1;
        }

        return 0;
    }

    /// <summary>Finds the position by binary search. Lines are sorted by time, so a few reads are enough.</summary>
    private long FindByHalving(Generation generation, LogKind kind, long sinceNs)
    {
        long low = generation.Start;
        long high = generation.Size;
        while (high - low > _block.Length / 2)
        {
            long middle = low + ((high - low) / 2);
            int length = RandomAccess.Read(generation.Handle!, _block, middle);
            if (!TryFindTime(_block.AsSpan(0, length), skipsFirst: true, sinceNs, out _, out bool isYounger))
            {
                // No timestamp to compare with: start early rather than skip lines.
                break;
            }

            (low, high) = isYounger ? (low, middle) : (middle, high);
        }

        Span<byte> rest = _block.AsSpan(0, RandomAccess.Read(generation.Handle!, _block, low));
        if (FindIn(rest, skipsFirst: low > generation.Start, sinceNs, out int found))
        {
            return low + found;
        }

        return high - low <= _block.Length / 2 ? FindLastLineEnd(generation, kind) : low == generation.Start ? low : low + rest.IndexOf((byte)'\n') + 1;
    }

    private long FindByReading(Generation generation, long sinceNs)
    {
        using var content = new GzipContent();
        long offset = 0;
        int length = 0;
        while (true)
        {
            int read;
            while (length < _block.Length && (read = content.Read(generation.Handle!, _block.AsSpan(length), offset + length, out _)) > 0)
            {
                length += read;
            }

            if (length == 0)
            {
                return offset;
            }

            if (FindIn(_block.AsSpan(0, length), skipsFirst: false, sinceNs, out int found))
            {
                return offset + found;
            }

            int lastNewline = _block.AsSpan(0, length).LastIndexOf((byte)'\n');
            int taken = lastNewline < 0 ? length : lastNewline + 1;
            _block.AsSpan(taken, length - taken).CopyTo(_block);
            offset += taken;
            length -= taken;
        }
    }

    /// <summary>Finds the first line with a time at or after <paramref name="sinceNs"/>.</summary>
    private bool FindIn(ReadOnlySpan<byte> block, bool skipsFirst, long sinceNs, out int found)
    {
        found = 0;
        int start = 0;
        while (TryFindTime(block[start..], skipsFirst, sinceNs, out int offset, out bool isYounger))
        {
            if (isYounger)
            {
                found = start + offset;
                return true;
            }

            int newline = block[(start + offset)..].IndexOf((byte)'\n');
            if (newline < 0)
            {
                break;
            }

            start += offset + newline + 1;
            skipsFirst = false;
        }

        return false;
    }

    /// <summary>Finds the first line that has a time, and whether that time is at or after <paramref name="sinceNs"/>.</summary>
    private bool TryFindTime(ReadOnlySpan<byte> block, bool skipsFirst, long sinceNs, out int offset, out bool isYounger)
    {
        offset = 0;
        isYounger = false;
        bool skips = skipsFirst;
        while (offset < block.Length)
        {
            int length = block[offset..].IndexOf((byte)'\n');
            if (!skips && _parser.TryParse(length < 0 ? block[offset..] : block.Slice(offset, length), out LogLine line))
            {
                isYounger = line.TimestampNs >= sinceNs;
                return true;
            }

            if (length < 0)
            {
                return false;
            }

            skips = false;
            offset += length + 1;
        }

        return false;
    }
}
