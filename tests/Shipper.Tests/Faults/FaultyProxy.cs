using System.Net;
using System.Net.Sockets;

namespace Shipper.Tests.Faults;

/// <summary>
/// A TCP proxy between the agent and a Loki that does not know of it. It forwards bytes, and cuts connections on demand. It makes faults possible
/// with a real Loki.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly Uri _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    private FaultyProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>
    /// Called for each chunk, and returns what to do with it. The argument is true for a chunk of a response, and false for one of a request.
    /// </summary>
    public Func<bool, ProxyFault>? NextFault { get; set; }

    public static FaultyProxy Start(Uri target) => new(target);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The socket is already closed.
        }

        socket.Close();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                lock (_lock)
                {
                    _connections.RemoveAll(connection => connection.IsCompleted);
                    _connections.Add(ServeAsync(client));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await upstream.ConnectAsync(IPAddress.Parse(_target.Host == "localhost" ? "127.0.0.1" : _target.Host), _target.Port, _stop.Token);
            Task requests = PumpAsync(client, upstream, isResponse: false);
            Task responses = PumpAsync(upstream, client, isResponse: true);
            await Task.WhenAny(requests, responses);
            Reset(client);
            upstream.Close();
            await Task.WhenAll(requests, responses);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            Reset(client);
        }
    }

    /// <summary>Forwards bytes until one side closes or a fault occurs; then the caller cuts both sides.</summary>
    private async Task PumpAsync(Socket from, Socket to, bool isResponse)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and int count)
            {
                switch (NextFault?.Invoke(isResponse) ?? ProxyFault.None)
                {
                    case ProxyFault.Reset:
                        return;
                    case ProxyFault.ResetWithin:
                        await to.SendAsync(buffer.AsMemory(0, count / 2), _stop.Token);
                        return;
                    default:
                        for (int sent = 0; sent < count;)
                        {
                            sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction was cut.
        }
    }
}
