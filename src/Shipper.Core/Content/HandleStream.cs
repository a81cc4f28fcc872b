using Microsoft.Win32.SafeHandles;

namespace Shipper.Content;

/// <summary>An open file as a stream from an offset on. It does not own the file: closing it leaves the file open.</summary>
internal sealed class HandleStream(SafeFileHandle handle, long offset) : Stream
{
    private long _position = offset;

    /// <summary>True once the end of the file was read.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("BUG: the length of a log file stream was asked for.");

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("BUG: a log file stream was positioned.");
    }

    public override int Read(Span<byte> buffer)
    {
        int length = RandomAccess.Read(handle, buffer, _position);
        _position += length;
        HasEnded |= length == 0 && buffer.Length > 0;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("BUG: a log file stream was positioned.");

    public override void SetLength(long value) =>
        throw new NotSupportedException("BUG: a log file stream was written to.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("BUG: a log file stream was written to.");
}
