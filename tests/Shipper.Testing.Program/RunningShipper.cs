using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Shipper.Testing.Program;

/// <summary>The program as an agent, running on a node's directories.</summary>
internal sealed class RunningShipper : IAsyncDisposable
{
    // Far longer than it takes on a busy machine: only what never comes is waited for that long.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private readonly HttpClient _http;
    private readonly Task _reading;

    private RunningShipper(Process process, int port, string configPath)
    {
        Process = process;
        Port = port;
        ConfigPath = configPath;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = MaxWait };
        _reading = ReadLogAsync();
    }

    public Process Process { get; }

    /// <summary>The port of its HTTP endpoints.</summary>
    public int Port { get; }

    /// <summary>Its configuration file.</summary>
    public string ConfigPath { get; }

    /// <summary>What it logged so far.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_lock)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="loki">Where to push.</param>
    /// <param name="more">More YAML, behind what every test needs.</param>
    /// <param name="lokiMore">More keys of the section loki.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="address">Where its HTTP endpoints listen.</param>
    /// <param name="wrapper">A shell command that ends in <c>exec "$@"</c>, to run it in.</param>
    /// <param name="cluster">The label cluster.</param>
    /// <param name="configMap">True where the configuration lies in a directory as kubelet makes it of a ConfigMap.</param>
    public static RunningShipper Start(
        NodeDirectory node, Uri loki, string more = "", string lokiMore = "", IReadOnlyDictionary<string, string?>? environment = null,
        string address = "127.0.0.1", string? wrapper = null, string cluster = "test",
        bool configMap = false)
    {
        int port = FindPort();
        string config = Path.Combine(node.Root, $"shipper-{port}.yaml");
        string text = $$"""
            cluster: {{cluster}}
            environment: ci
            node: node-1
            loki:
              url: "{{loki}}"
              batch: {wait: 100ms}
              retry: {initial: 20ms, max: 200ms}
            {{lokiMore}}
            state: {path: "{{node.State}}"}
            server: {listen: "{{address}}:{{port}}"}
            {{more}}
            """ + (more.Contains("sources:", StringComparison.Ordinal) ? "" : $"\nsources: {{containers: {{include: [\"{node.Containers}/*.log\"], scanInterval: 100ms}}, journal: {{enabled: false}}}}\n");
        if (configMap)
        {
            // FILE -> ..data/FILE, and ..data -> a directory that is never written again.
            string directory = Directory.CreateDirectory(Path.Combine(node.Root, "config")).FullName;
            config = Path.Combine(directory, "shipper.yaml");
            SwapData(directory, text);
            File.CreateSymbolicLink(config, "..data/shipper.yaml");
        }
        else
        {
            File.WriteAllText(config, text);
        }

        string[] arguments = ["run", "--config", config];
        environment ??= new Dictionary<string, string?>();
        Process process = wrapper is null
            ? ShipperProgram.Start(ShipperProgram.Path, arguments, environment)
            : ShipperProgram.Start("/bin/sh", ["-c", wrapper, "sh", ShipperProgram.Path, .. arguments], environment);
        return new RunningShipper(process, port, config);
    }

    /// <summary>
    /// A wrapper that limits the size of files, which fails writes as a disk without space does and needs no privileges.
    /// </summary>
    /// <param name="blocks">How many blocks of 512 bytes a file may have.</param>
    public static string WithFilesUpTo(int blocks) =>

        // The runtime of a build that is not native maps memory through a file of its own, unless it is told not to.
        $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0; ulimit -f {blocks}; exec \"$@\"";

    /// <summary>Waits for something to become true.</summary>
    public static async Task WaitUntilAsync(Func<Task<bool>> condition, Func<string> explain)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > MaxWait)
            {
                Assert.Fail(explain());
            }

            await Task.Delay(PollInterval, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public Task WaitUntilAsync(Func<bool> condition) => WaitUntilAsync(
        () => Process.HasExited && !condition()
            ? throw new InvalidOperationException($"It has ended.\n{string.Join('\n', Log)}")
            : Task.FromResult(condition()),
        () => $"It did not come to it within {MaxWait}.\n{string.Join('\n', Log)}");

    public Task WaitUntilReadyAsync() => WaitUntilAsync(
        async () => Process.HasExited || await GetStatusAsync("/readyz") == HttpStatusCode.OK, () => $"It is not ready.\n{string.Join('\n', Log)}");

    /// <summary>Waits for a message in its log.</summary>
    public Task WaitForLogAsync(string text) => WaitUntilAsync(() => Log.Any(line => line.Contains(text, StringComparison.Ordinal)));

    /// <summary>The status of a path; null where nothing answers.</summary>
    public async Task<HttpStatusCode?> GetStatusAsync(string path)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The body of a path.</summary>
    public Task<string> GetTextAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>The samples of <c>/metrics</c>, by name and labels.</summary>
    public async Task<IReadOnlyDictionary<string, double>> GetMetricsAsync()
    {
        string text = await GetTextAsync("/metrics");
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => Parse(line[(line.LastIndexOf(' ') + 1)..]));

        static double Parse(string value) => value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal by its name.</summary>
    public Task SignalAsync(string signal) => ShipperProgram.SignalAsync(Process, signal);

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(MaxWait);
        await Process.WaitForExitAsync(timeout.Token);
        await _reading;
        return Process.ExitCode;
    }

    /// <summary>Asks it to stop.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        // Before its first message the program may not listen to signals yet: one would end it as it ends any process.
        await WaitUntilAsync(() => Process.HasExited || Log.Count > 0);
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            await KillAsync();
        }

        Process.Dispose();
        _http.Dispose();
    }

    /// <summary>Exchanges the ConfigMap.</summary>
    public async Task SwapConfigAsync(Func<string, string> change) => SwapData(
        Path.GetDirectoryName(ConfigPath)!, change(await File.ReadAllTextAsync(ConfigPath, TestContext.Current.CancellationToken)));

    private static void SwapData(string directory, string text)
    {
        string name = $"..{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.Combine(directory, name));
        File.WriteAllText(Path.Combine(directory, name, "shipper.yaml"), text);
        string temporary = Path.Combine(directory, "..data_tmp");
        File.CreateSymbolicLink(temporary, name);

        // rename(2) of the link itself; File.Move would follow it.
        using Process move = Process.Start("mv", ["-T", temporary, Path.Combine(directory, "..data")]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    /// <summary>A port below those that the kernel gives to connections: one of these would be taken again before the agent listens.</summary>
    private static int FindPort()
    {
        while (true)
        {
            int port = RandomNumberGenerator.GetInt32(10_000, 32_768);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    private async Task ReadLogAsync()
    {
        while (await Process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _log.Add(line);
            }
        }
    }
}
