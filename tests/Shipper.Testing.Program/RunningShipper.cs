using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Shipper.Testing.Program;

/// <summary>The program running as an agent on the directories of a node.</summary>
internal sealed class RunningShipper : IAsyncDisposable
{
    // Far longer than a busy machine needs: only a failing test waits this long.
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

    /// <summary>Port of the HTTP endpoints.</summary>
    public int Port { get; }

    /// <summary>Path of the configuration file.</summary>
    public string ConfigPath { get; }

    /// <summary>The lines logged so far.</summary>
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

    /// <summary>Starts the agent.</summary>
    /// <param name="loki">Address that it pushes to.</param>
    /// <param name="extraYaml">YAML that is added to what every test needs.</param>
    /// <param name="lokiYaml">Additional lines for the section loki.</param>
    /// <param name="address">Address that the HTTP endpoints listen on.</param>
    /// <param name="wrapper">A shell command that runs the program and ends with <c>exec "$@"</c>.</param>
    /// <param name="configMap">True to put the configuration into a directory with the layout that kubelet creates for a ConfigMap.</param>
    public static RunningShipper Start(
        NodeDirectory node, Uri loki, string extraYaml = "", string lokiYaml = "", IReadOnlyDictionary<string, string?>? environment = null,
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
            {{lokiYaml}}
            state: {path: "{{node.State}}"}
            server: {listen: "{{address}}:{{port}}"}
            {{extraYaml}}
            """ + (extraYaml.Contains("sources:", StringComparison.Ordinal) ? "" : $"\nsources: {{containers: {{include: [\"{node.Containers}/*.log\"], scanInterval: 100ms}}, journal: {{enabled: false}}}}\n");
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

    /// <summary>Returns a wrapper that limits the size of files. Writes fail as on a full disk, and it needs no privileges.</summary>
    /// <param name="blocks">Maximum size of a file in blocks of 512 bytes.</param>
    public static string LimitFileSize(int blocks) =>

        // The runtime of a build that is not native maps memory through a file, unless this is turned off.
        $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0; ulimit -f {blocks}; exec \"$@\"";

    /// <summary>Waits until the condition is true.</summary>
    public static async Task WaitUntilAsync(Func<Task<bool>> condition, Func<string> explain)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > MaxWait)
            {
                Assert.Fail(explain());
            }

            // The program is another process and signals nothing.
            await Task.Delay(PollInterval, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public Task WaitUntilAsync(Func<bool> condition) => WaitUntilAsync(
        () => Process.HasExited && !condition()
            ? throw new InvalidOperationException($"The agent has stopped.\n{string.Join('\n', Log)}")
            : Task.FromResult(condition()),
        () => $"The condition was not met within {MaxWait}.\n{string.Join('\n', Log)}");

    public Task WaitUntilReadyAsync() => WaitUntilAsync(
        async () => Process.HasExited || await GetStatusAsync("/readyz") == HttpStatusCode.OK, () => $"The agent is not ready.\n{string.Join('\n', Log)}");

    /// <summary>Waits until a line of the log contains the text.</summary>
    public Task WaitForLogAsync(string text) => WaitUntilAsync(() => Log.Any(line => line.Contains(text, StringComparison.Ordinal)));

    /// <summary>Returns the HTTP status of a path; null if nothing answers.</summary>
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

    /// <summary>Returns the response body of a path.</summary>
    public Task<string> GetTextAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Returns the samples of <c>/metrics</c>, by name and labels.</summary>
    public async Task<IReadOnlyDictionary<string, double>> GetMetricsAsync()
    {
        string text = await GetTextAsync("/metrics");
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => Parse(line[(line.LastIndexOf(' ') + 1)..]));

        static double Parse(string value) => value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal, given by name.</summary>
    public Task SignalAsync(string signal) => ShipperProgram.SignalAsync(Process, signal);

    /// <summary>Waits until the agent has exited.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(MaxWait);
        await Process.WaitForExitAsync(timeout.Token);
        await _reading;
        return Process.ExitCode;
    }

    /// <summary>Stops the agent with SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        // The program may not handle signals before its first message, and a signal would kill it.
        await WaitUntilAsync(() => Process.HasExited || Log.Count > 0);
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>Kills the agent with SIGKILL.</summary>
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

    /// <summary>Swaps the ConfigMap.</summary>
    public async Task SwapConfigAsync(Func<string, string> change) => SwapData(
        Path.GetDirectoryName(ConfigPath)!, change(await File.ReadAllTextAsync(ConfigPath, TestContext.Current.CancellationToken)));

    private static void SwapData(string directory, string text)
    {
        string name = $"..{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.Combine(directory, name));
        File.WriteAllText(Path.Combine(directory, name, "shipper.yaml"), text);
        string temporary = Path.Combine(directory, "..data_tmp");
        File.CreateSymbolicLink(temporary, name);

        // Renames the link itself with rename(2); File.Move would follow it.
        using Process move = Process.Start("mv", ["-T", temporary, Path.Combine(directory, "..data")]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    /// <summary>Finds a port below the ephemeral range: a connection might take an ephemeral port before the agent listens.</summary>
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
                // The port is in use.
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
