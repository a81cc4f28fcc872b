using System.Net;
using System.Net.Http.Headers;

namespace Shipper.Loki;

/// <summary>
/// The body of a push: bytes of a buffer that its lane uses again. SendAsync may return while the body is still
/// being sent, after an early answer or a timeout (dotnet/runtime#107082), so the end of sending is told separately.
/// </summary>
internal sealed class PushContent : HttpContent
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int Closed = 2;

    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly ReadOnlyMemory<byte> _body;
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    public PushContent(ReadOnlyMemory<byte> body)
    {
        _body = body;
        Headers.ContentType = Protobuf;
    }

    /// <summary>False while nothing of the body can have left: no connection yet, or headers that can't be sent.</summary>
    public bool HasBegun => Volatile.Read(ref _state) == Sending;

    /// <summary>Ends when the buffer is not touched any more, now or later.</summary>
    public Task CloseAsync() =>
        Interlocked.CompareExchange(ref _state, Closed, Idle) == Sending ? _sent.Task : Task.CompletedTask;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) != Idle)
        {
            throw new IOException("The push was given up before it was sent.");
        }

        try
        {
            await stream.WriteAsync(_body, cancellationToken);
        }
        finally
        {
            _sent.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
