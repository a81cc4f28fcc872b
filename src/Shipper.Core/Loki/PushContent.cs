using System.Net;
using System.Net.Http.Headers;

namespace Shipper.Loki;

/// <summary>
/// The body of a push: bytes of a buffer that its lane reuses. SendAsync may return while the body is still being sent, after an early response or a timeout
/// (dotnet/runtime#107082), so <see cref="CloseAsync"/> shows when sending has ended. Until the content is closed, the client may send it again, as after a
/// proxy's 407.
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

    /// <summary>False if no part of the body can have left the machine: there was no connection yet, or the headers could not be sent.</summary>
    public bool HasStartedSending => Volatile.Read(ref _hasBegun);

    /// <summary>Closes the content. The task completes when the buffer is no longer read.</summary>
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
                throw new IOException("The push was canceled before it was sent.");
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
