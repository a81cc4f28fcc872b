using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>Each form of <c>server.listen</c>, and which clients may read which paths.</summary>
public sealed class ListenTests : IDisposable
{
    private const string V4 = "127.0.0.1";
    private const string V6 = "::1";

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("", true, true)]
    [InlineData("[::]", true, true)]
    [InlineData("0.0.0.0", true, false)]
    [InlineData("127.0.0.1", true, false)]
    [InlineData("[::1]", false, true)]
    [InlineData("localhost", true, true)]
    public async Task Listen_Address_AnswersOnItsIpVersions(string address, bool answersV4, bool answersV6)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, address: address);
        await WaitForAnswerAsync(sut, answersV4 ? V4 : V6);

        foreach (string path in (string[])["/readyz", "/metrics", "/"])
        {
            Assert.Equal(answersV4, await GetAsync(sut.Port, V4, path) == HttpStatusCode.OK);
            Assert.Equal(answersV6, await GetAsync(sut.Port, V6, path) == HttpStatusCode.OK);
        }
    }

    /// <summary>The status page shows file names and lines, so only clients on the same machine may read it, over any socket.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0")]
    public async Task Listen_StatusPage_AnswersOnlyLoopbackClients(string address)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, address: address);
        await WaitForAnswerAsync(sut, V4);

        // 127.0.0.2 is a loopback address as well; on a dual-stack socket it appears as ::ffff:127.0.0.2.
        Assert.Equal(HttpStatusCode.OK, await GetAsync(sut.Port, V4, "/api/status", from: "127.0.0.2"));
        string[] others = [.. AddressesOfInterfaces().Where(other => address.Length == 0 || !other.Contains(':', StringComparison.Ordinal))];
        Assert.SkipWhen(others.Length == 0, "This machine has only loopback addresses.");
        foreach (string other in others)
        {
            Assert.Equal(HttpStatusCode.OK, await GetAsync(sut.Port, other, "/metrics"));
            Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(sut.Port, other, "/"));
            Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(sut.Port, other, "/api/status"));
        }
    }

    /// <summary>Simulates a node that was booted with ipv6.disable=1: a library that is loaded before libc refuses IPv6 sockets.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("[::]")]
    [InlineData("localhost")]
    public async Task Listen_KernelWithoutIPv6_AnswersOnIPv4(string address)
    {
        string source = Path.Combine(_node.Root, "no-ipv6.c");
        string library = Path.Combine(_node.Root, "no-ipv6.so");
        await File.WriteAllTextAsync(
            source,
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <sys/socket.h>
            int socket(int domain, int type, int protocol) {
              if (domain == AF_INET6) { errno = EAFNOSUPPORT; return -1; }
              return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
            }
            """,
            TestContext.Current.CancellationToken);
        string? compiler = ((string[])["/usr/bin/gcc", "/usr/bin/clang", "/usr/bin/cc"]).FirstOrDefault(File.Exists);
        Assert.SkipWhen(compiler is null, "No C compiler is installed.");
        using (var compile = Process.Start(compiler, ["-shared", "-fPIC", "-o", library, source, "-ldl"]))
        {
            await compile.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, compile.ExitCode);
        }

        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, address: address, environment: new Dictionary<string, string?> { ["LD_PRELOAD"] = library });

        await WaitForAnswerAsync(sut, V4);

        Assert.Null(await GetAsync(sut.Port, V6, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(sut.Port, V4, "/"));
    }

    [Theory]
    [InlineData("", "::")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public async Task Listen_PortInUse_ExitsAndNamesTheKey(string address, string taken)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var socket = new Socket(IPAddress.Parse(taken).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(taken), 0));
        socket.Listen();
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        string file = Path.Combine(_node.Root, "shipper.yaml");
        await File.WriteAllTextAsync(
            file, $"cluster: c\nloki: {{url: \"{loki.Address}\"}}\nstate: {{path: \"{_node.State}\"}}\nserver: {{listen: \"{address}:{port}\"}}\n", TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("run", "--config", file);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"server.listen {address}:{port} can't be used: Address already in use. Free the address, or set another one", result.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> AddressesOfInterfaces() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from address in network.GetIPProperties().UnicastAddresses
        select address.Address.ToString();

    private static Task WaitForAnswerAsync(RunningShipper sut, string address) =>
        RunningShipper.WaitUntilAsync(async () => await GetAsync(sut.Port, address, "/readyz") == HttpStatusCode.OK, () => string.Join('\n', sut.Log));

    private static async Task<HttpStatusCode?> GetAsync(int port, string address, string path, string? from = null)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, stopping) =>
            {
                var ip = IPAddress.Parse(address);
                var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                if (from is not null)
                {
                    socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                }

                await socket.ConnectAsync(ip, port, stopping);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        try
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"http://localhost:{port}{path}"), TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
