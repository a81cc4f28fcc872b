using Microsoft.Win32.SafeHandles;

namespace Shipper.Content;

/// <summary>Reads an open file from an offset as a stream. Disposing of the stream does not close the file.</summary>
internal sealed class HandleStream(SafeFileHandle handle, long offset) : Stream
{
    private long _position = offset;

    /// <summary>True once a read has reached the end of the file.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("BUG: something read the length of a log file stream.");

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("BUG: something set the position of a log file stream.");
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
        throw new NotSupportedException("BUG: something set the position of a log file stream.");

    public override void SetLength(long value) =>
        throw new NotSupportedException("BUG: something wrote to a log file stream.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("BUG: something wrote to a log file stream.");
}
