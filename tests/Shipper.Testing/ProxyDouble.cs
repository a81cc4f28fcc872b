using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Shipper.Testing;

/// <summary>
/// An HTTP proxy on loopback. It forwards plain requests and opens tunnels (CONNECT), always to the same server, regardless of the requested host.
/// </summary>
public sealed class ProxyDouble : IAsyncDisposable
{
    private readonly Uri _upstream;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;

    /// <param name="upstream">The server that receives all requests.</param>
    public ProxyDouble(Uri upstream)
    {
        _upstream = upstream;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address of the proxy, <c>127.0.0.1:PORT</c>.</summary>
    public string Authority => _listener.LocalEndpoint.ToString()!;

    /// <summary>The only accepted user and password, joined with a colon; null to accept every request.</summary>
    public string? Credentials { get; init; }

    /// <summary>True to refuse a request before reading its body, and then to cut the connection.</summary>
    public bool RefusesBeforeBody { get; init; }

    /// <summary>The first line of each request, its credentials, and whether it waits for 100 Continue before it sends its body.</summary>
    public ConcurrentQueue<(string Line, string? Credentials, bool Waits)> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy is being stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await using var client = new NetworkStream(socket);
                for (bool isOpen = true; isOpen;)
                {
                    isOpen = await AnswerAsync(client);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
        }
    }

    /// <summary>Answers one request.</summary>
    /// <returns>False if the connection ends after this request.</returns>
    private async Task<bool> AnswerAsync(NetworkStream client)
    {
        List<string> head = await ReadHeadAsync(client);
        if (head.Count == 0)
        {
            return false;
        }

        string? credentials = HeaderOf(head, "Proxy-Authorization") is { } header && header.StartsWith("Basic ", StringComparison.Ordinal)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..]))
            : null;
        Requests.Enqueue((head[0], credentials, HeaderOf(head, "Expect") is not null));
        bool isRefused = Credentials is not null && credentials != Credentials;
        byte[] body = new byte[isRefused && RefusesBeforeBody ? 0 : int.Parse(HeaderOf(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture)];
        if (body.Length > 0 && HeaderOf(head, "Expect") is not null && !isRefused)
        {
            await WriteAsync(client, "HTTP/1.1 100 Continue\r\n\r\n");
        }

        await client.ReadExactlyAsync(body, _stop.Token);
        if (isRefused)
        {
            await WriteAsync(client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n");
            return !RefusesBeforeBody;
        }

        using var upstream = new TcpClient();
        await upstream.ConnectAsync(IPAddress.Loopback, _upstream.Port, _stop.Token);
        await using NetworkStream server = upstream.GetStream();
        string[] line = head[0].Split(' ');
        if (line[0] == "CONNECT")
        {
            await WriteAsync(client, "HTTP/1.1 200 OK\r\n\r\n");
            await Task.WhenAny(client.CopyToAsync(server, _stop.Token), server.CopyToAsync(client, _stop.Token));
            return false;
        }

        IEnumerable<string> headers = head.Skip(1).Where(header => !header.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase) && !header.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase) && !header.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        await WriteAsync(server, $"{line[0]} {new Uri(line[1]).PathAndQuery} HTTP/1.1\r\n{string.Join("\r\n", headers)}\r\nConnection: close\r\n\r\n");
        await server.WriteAsync(body, _stop.Token);
        await server.CopyToAsync(client, _stop.Token);
        return false;
    }

    private async Task<List<string>> ReadHeadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return [];
            }

            text.Append((char)one[0]);
        }

        return [.. text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string? HeaderOf(List<string> head, string name) =>
        head.Find(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } found ? found[(name.Length + 1)..].Trim() : null;

    private async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
}
