using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Shipper.Http;

/// <summary>
/// Limits how many connections are open at the same time. At the limit, a new connection waits in the kernel until an open connection has closed its
/// descriptor. A waiting connection takes no descriptor. Kestrel's own limit instead accepts every connection and closes those above the limit. If no
/// descriptor is free, the listener waits a moment before it retries. Kestrel's own listener retries without a pause, which keeps a whole core busy.
/// </summary>
/// <param name="maxConnections">Upper bound of the open connections, on all addresses together.</param>
#pragma warning disable CA1001 // Connections outlive their listener, and release the semaphore when they end.
internal sealed class LimitedListenerFactory(int maxConnections) : IConnectionListenerFactory
#pragma warning restore CA1001
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _slots = new(maxConnections);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var options = new SocketTransportOptions();
        Socket socket;
        try
        {
            socket = options.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // Kestrel tries IPv4 alone after any other error.
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(options.Backlog);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, _slots));
    }

    private sealed class Listener(Socket socket, SemaphoreSlim slots) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();
        private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

        public EndPoint EndPoint => socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await slots.WaitAsync(_unbound.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            Socket? accepted = await AcceptSocketAsync(cancellationToken);
            if (accepted is null)
            {
                // Leave the slot to the listener of another address.
                slots.Release();
                return null;
            }

            return new Connection(_factory.Create(accepted), slots);
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            socket.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            _factory.Dispose();
            _unbound.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <returns>Null once the listener is unbound: no more connections arrive.</returns>
        private async Task<Socket?> AcceptSocketAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                try
                {
                    Socket accepted = await socket.AcceptAsync(cancellationToken);
                    accepted.NoDelay = true;
                    return accepted;
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null;
                }
                catch (SocketException)
                {
                    // No event signals a free descriptor: poll.
                    await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
                }
            }
        }
    }

    /// <summary>A connection that releases its slot when its descriptor is closed.</summary>
    private sealed class Connection(ConnectionContext inner, SemaphoreSlim slots) : ConnectionContext
    {
        public override string ConnectionId { get => inner.ConnectionId; set => inner.ConnectionId = value; }

        public override IFeatureCollection Features => inner.Features;

        public override IDictionary<object, object?> Items { get => inner.Items; set => inner.Items = value; }

        public override IDuplexPipe Transport { get => inner.Transport; set => inner.Transport = value; }

        public override CancellationToken ConnectionClosed { get => inner.ConnectionClosed; set => inner.ConnectionClosed = value; }

        public override EndPoint? LocalEndPoint { get => inner.LocalEndPoint; set => inner.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => inner.RemoteEndPoint; set => inner.RemoteEndPoint = value; }

        public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
            slots.Release();
        }
    }
}
