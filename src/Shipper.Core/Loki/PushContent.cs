using System.Net;
using System.Net.Http.Headers;

namespace Shipper.Loki;

/// <summary>
/// The body of a push: bytes of a buffer that its lane uses again. SendAsync may return while the body is still
/// being sent, after an early answer or a timeout (dotnet/runtime#107082), so the end of sending is told separately. Until it is closed the client may send it
/// again, as after a proxy's 407.
/// </summary>
internal sealed class PushContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly Lock _lock = new();
    private readonly ReadOnlyMemory<byte> _body;
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasBegun;
    private bool _isClosed;
    private int _sending;

    public PushContent(ReadOnlyMemory<byte> body)
    {
        _body = body;
        Headers.ContentType = Protobuf;
    }

    /// <summary>False while nothing of the body can have left: no connection yet, or headers that can't be sent.</summary>
    public bool HasBegun => Volatile.Read(ref _hasBegun);

    /// <summary>Ends when the buffer is not touched any more, now or later.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            return _sending > 0 ? _sent.Task : Task.CompletedTask;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new IOException("The push was given up before it was sent.");
            }

            Volatile.Write(ref _hasBegun, true);
            _sending++;
        }

        try
        {
            await stream.WriteAsync(_body, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                if (--_sending == 0 && _isClosed)
                {
                    _sent.TrySetResult();
                }
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
