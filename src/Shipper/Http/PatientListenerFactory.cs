using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Shipper.Http;

/// <summary>
/// Limits how many connections are open at once. The next one is accepted when one of them has closed its descriptor; until then it waits in the kernel, and
/// takes none. Kestrel's own limit accepts all connections and closes those that are too many. If there is no descriptor for a connection, the listener waits a
/// moment before it retries. Kestrel's own one retries without a pause, which keeps a whole core busy.
/// </summary>
/// <param name="maxConnections">How many connections may be open at once, on all addresses together.</param>
#pragma warning disable CA1001 // Connections end after their listener, and give their room back then.
internal sealed class PatientListenerFactory(int maxConnections) : IConnectionListenerFactory
#pragma warning restore CA1001
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _room = new(maxConnections);

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
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, _room));
    }

    private sealed class Listener(Socket socket, SemaphoreSlim room) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();
        private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

        public EndPoint EndPoint => socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await room.WaitAsync(_unbound.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            Socket? accepted = await AcceptSocketAsync(cancellationToken);
            if (accepted is null)
            {
                // For the listener of another address.
                room.Release();
                return null;
            }

            return new Connection(_factory.Create(accepted), room);
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

        /// <returns>Null once it is unbound: no more connections come.</returns>
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
                    // No event tells that a descriptor is free again.
                    await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
                }
            }
        }
    }

    /// <summary>A connection that gives its room back when its descriptor is closed.</summary>
    private sealed class Connection(ConnectionContext inner, SemaphoreSlim room) : ConnectionContext
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
            room.Release();
        }
    }
}
