namespace Shipper.Core.Tests.Kubernetes.Api;

/// <summary>A stream that returns its bytes in given pieces.</summary>
internal sealed class PieceStream(IReadOnlyList<byte[]> pieces) : Stream
{
    private int _piece;
    private int _offset;

    /// <summary>Cuts a body into pieces of at most a size.</summary>
    public static List<byte[]> Cut(byte[] body, int size) => [.. body.Chunk(Math.Max(1, Math.Min(size, Math.Max(1, body.Length))))];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        while (_piece < pieces.Count && _offset == pieces[_piece].Length)
        {
            _piece++;
            _offset = 0;
        }

        if (_piece == pieces.Count)
        {
            return 0;
        }

        ReadOnlySpan<byte> rest = pieces[_piece].AsSpan(_offset);
        int length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        _offset += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
