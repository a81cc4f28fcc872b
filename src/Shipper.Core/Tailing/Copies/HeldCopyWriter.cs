using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Native;
using Shipper.Records;

namespace Shipper.Tailing.Copies;

/// <summary>
/// Copies an open file piece by piece: its first bytes, which identify it, and all unacknowledged bytes, at their original offsets, with a hole in
/// between. The copy has a temporary name until it is complete and flushed to disk.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class HeldCopyWriter : IDisposable
{
    /// <summary>Size of a disk block: a hole consists of whole blocks, and the block before the position is compared with other files.</summary>
    private const long BlockBytes = 4096;

    private const int BufferBytes = 256 * 1024;

    /// <summary>Bytes copied in one step. Each step is flushed to disk, so that the last one does not take long.</summary>
    private const long StepBytes = 4 * 1024 * 1024;

    private readonly HeldCopies _copies;
    private readonly HeldCopy _copy;
    private readonly SafeFileHandle _source;
    private readonly long _start;
    private readonly long _modifiedNs;
    private readonly string _temporary;
    private readonly SafeFileHandle _target;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private long _position;
    private bool _isComplete;

    /// <param name="start">Offset at which the file's content begins.</param>
    /// <param name="modifiedNs">Time to set as the copy's modification time, in nanoseconds since 1970.</param>
    public HeldCopyWriter(HeldCopies copies, HeldCopy copy, SafeFileHandle source, long start, long modifiedNs)
    {
        _copies = copies;
        _copy = copy;
        _source = source;
        _start = start;
        _modifiedNs = modifiedNs;
        _temporary = copy.Path + ".tmp";
        _target = File.OpenHandle(_temporary, FileMode.Create, FileAccess.Write);
        _position = copy.CompleteFrom;
    }

    /// <summary>Offset up to which the file has been copied.</summary>
    public long Position => _position;

    /// <summary>Returns the offset at which to start a copy that has to contain everything after a position.</summary>
    public static long StartFor(long acknowledged) => Math.Max(0, (acknowledged / BlockBytes * BlockBytes) - BlockBytes);

    /// <summary>Copies the next piece.</summary>
    /// <returns>The copy once it is complete; null before.</returns>
    /// <exception cref="IOException">The file can't be read, or the copy can't be written.</exception>
    public HeldCopy? Step()
    {
        if (_position == _copy.CompleteFrom && _position > 0)
        {
            Copy(_start, FileIdentity.MaxLength);
        }

        for (long end = _position + StepBytes; _position < end;)
        {
            int length = Copy(_position, BufferBytes);
            _position += length;
            bool isHole = length > 0 && _buffer.AsSpan(0, length).IndexOfAnyExcept((byte)0) < 0;
            if (length == 0 || (isHole && !NulBytes.TryFindNonNul(_source, _position, out _position)))
            {
                return Complete();
            }
        }

        CheckpointFiles.FlushToDisk(_target);
        return null;
    }

    public void Dispose()
    {
        _target.Dispose();
        if (!_isComplete)
        {
            _copies.TryDelete(_temporary);
        }
    }

    private int Copy(long offset, int maxBytes)
    {
        int length = RandomAccess.Read(_source, _buffer.AsSpan(0, maxBytes), offset);
        if (_buffer.AsSpan(0, length).IndexOfAnyExcept((byte)0) >= 0)
        {
            // Leave NULs as a hole: the file's own hole may be larger than the free space on the disk.
            CheckpointFiles.Write(_target, _buffer.AsSpan(0, length), offset);
        }

        return length;
    }

    private HeldCopy Complete()
    {
        // This time determines which copy is the oldest when too many bytes are held.
        File.SetLastWriteTimeUtc(_target, UnixTime.ToDateTime(_modifiedNs));
        CheckpointFiles.FlushToDisk(_target);
        File.Move(_temporary, _copy.Path, overwrite: true);
        _isComplete = true;
        _copies.Add(_copy);
        return _copy;
    }
}
