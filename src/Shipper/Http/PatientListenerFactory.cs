using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Shipper.Http;

/// <summary>
/// Accepts connections, as many as may be open at once: further ones wait in the kernel. Kestrel's own limit closes what is too many after it was accepted,
/// which takes descriptors meanwhile. If there is no descriptor for a connection, it waits a moment before it retries. Kestrel's own listener retries without a
/// pause, which keeps a whole core busy.
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

            while (true)
            {
                try
                {
                    Socket accepted = await socket.AcceptAsync(cancellationToken);
                    accepted.NoDelay = true;
                    ConnectionContext connection = _factory.Create(accepted);
                    connection.ConnectionClosed.Register(static state => ((SemaphoreSlim)state!).Release(), room);
                    return connection;
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    // Unbound: no more connections come.
                    return null;
                }
                catch (SocketException)
                {
                    // No event tells that a descriptor is free again.
                    await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
                }
            }
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
    }
}
