using System.Net;
using System.Net.Sockets;

namespace Shipper.Loki;

/// <summary>Opens connections to Loki, or to the proxy in front of it.</summary>
internal static class LokiSocket
{
    // TCP_USER_TIMEOUT of Linux, netinet/tcp.h.
    private const int UserTimeout = 18;

    /// <summary>
    /// Connects to an address. The connection discards bytes that its peer has not acknowledged within <paramref name="timeout"/>, even after it was closed.
    /// Otherwise the kernel would send a push long after it timed out, and a Loki that was frozen would store it after the agent has found it missing.
    /// </summary>
    /// <exception cref="SocketException">The connection failed.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, TimeSpan timeout, CancellationToken stopping)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, BitConverter.GetBytes((int)timeout.TotalMilliseconds));
            await socket.ConnectAsync(address, stopping);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
