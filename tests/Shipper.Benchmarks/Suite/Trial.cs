using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;
using Shipper.Benchmarks.Receiving;

namespace Shipper.Benchmarks.Suite;

/// <summary>A run of an agent on an input, with its own state directory and API server.</summary>
internal sealed class Trial : IDisposable
{
    /// <summary>The batch wait of runs whose time counts: the last batch is not full, and a longer wait for more lines would be most of that time.</summary>
    public static readonly TimeSpan ShortBatchWait = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A run ends if the agent makes no progress for this long.</summary>
    private static readonly TimeSpan MaxStandstill = TimeSpan.FromSeconds(30);

    /// <summary>Wait after the last line, for duplicates, and for the acknowledgement and the checkpoint, which count towards the CPU time.</summary>
    private static readonly TimeSpan EndWait = TimeSpan.FromSeconds(1.5);

    private readonly BenchmarkRun _bench;
    private readonly PodApi _api;
    private readonly string _state;
    private readonly double _receiverCpuSeconds;
    private ProcessUsage _before = new(0, 0, 0, 0);
    private long _measuredSince;

    private Trial(BenchmarkRun bench, MeasuredAgent agent, PodApi api, AgentSetting setting, string prefix)
    {
        _bench = bench;
        _api = api;
        _state = setting.State;
        Agent = agent;
        Port = setting.Port;
        _receiverCpuSeconds = bench.Receiver.CpuSeconds;
        Process = new ShellProcess(prefix + agent.Prepare(setting), Path.Combine(_state, "output"));
        _measuredSince = Process.StartedAt;
    }

    public MeasuredAgent Agent { get; }

    public ShellProcess Process { get; }

    /// <summary>The port on which the agent serves metrics and readiness.</summary>
    public int Port { get; }

    /// <summary>Starts an agent.</summary>
    /// <param name="bench">The state that scenarios share.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="logs">The logs to read.</param>
    /// <param name="batchWait">How long the agent waits for a batch to fill.</param>
    /// <param name="prefix">Shell commands to run first, such as <c>ulimit</c>.</param>
    /// <param name="isJournal">True to read a journal.</param>
    public static async Task<Trial> StartAsync(BenchmarkRun bench, MeasuredAgent agent, LogDirectory logs, TimeSpan? batchWait = null, string prefix = "", bool isJournal = false)
    {
        var api = new PodApi(logs.Files);
        await api.StartAsync();
        await bench.Receiver.ResetAsync();
        var setting = new AgentSetting(logs.Root, bench.Receiver.Address, bench.MakeDirectory("state"), api.Address, batchWait ?? TimeSpan.FromSeconds(1), FindPort(), isJournal);
        return new Trial(bench, agent, api, setting, prefix);
    }

    /// <summary>Starts the measurement of time and CPU time.</summary>
    public void BeginMeasuring()
    {
        _before = Process.ReadUsage();
        _measuredSince = Stopwatch.GetTimestamp();
    }

    /// <summary>Waits until a number of lines have arrived, each counted once.</summary>
    /// <param name="lines">Number of lines.</param>
    /// <param name="sample">Called every second; null if there is nothing to sample.</param>
    public async Task WaitForAsync(long lines, CancellationToken stopping, Action? sample = null)
    {
        long progressAt = Stopwatch.GetTimestamp();
        long sampledAt = progressAt;
        for (long seen = -1; ;)
        {
            ReceiverReport report = await _bench.Receiver.ReadAsync();
            if (report.Distinct != seen)
            {
                seen = report.Distinct;
                progressAt = Stopwatch.GetTimestamp();
            }

            if (seen >= lines || Process.HasExited || Stopwatch.GetElapsedTime(progressAt) > MaxStandstill)
            {
                return;
            }

            if (sample is not null && Stopwatch.GetElapsedTime(sampledAt) > TimeSpan.FromSeconds(1))
            {
                sample();
                sampledAt = Stopwatch.GetTimestamp();
            }

            // The agent and the receiver are other processes.
            await Task.Delay(PollInterval, TimeProvider.System, stopping);
        }
    }

    /// <summary>Ends a run that was measured from the start to the last line.</summary>
    public async Task<TrialResult> EndAsync(string scenario, WrittenInput input, CancellationToken stopping)
    {
        ReceiverReport report = await _bench.Receiver.ReadAsync();
        double seconds = (report.LastUs / 1e6) - (_measuredSince / (double)Stopwatch.Frequency);
        await Task.Delay(EndWait, TimeProvider.System, stopping);
        return await FinishAsync(scenario, input, report.Distinct + input.DroppableLines, seconds, Process.ReadUsage());
    }

    /// <summary>Ends a run that was measured only in part.</summary>
    /// <param name="scenario">The scenario's name.</param>
    /// <param name="written">The whole input, to wait for.</param>
    /// <param name="lines">Number of lines of the measured part.</param>
    /// <param name="seconds">Duration of the measured part.</param>
    /// <param name="after">The resource usage at the end of the measured part.</param>
    public async Task<TrialResult> EndAsync(string scenario, WrittenInput written, long lines, double seconds, ProcessUsage after, CancellationToken stopping)
    {
        await WaitForAsync(written.Lines, stopping);
        await Task.Delay(EndWait, TimeProvider.System, stopping);
        return await FinishAsync(scenario, written, lines, seconds, after);
    }

    public void Dispose()
    {
        Process.Dispose();
        _api.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<TrialResult> FinishAsync(string scenario, WrittenInput input, long lines, double seconds, ProcessUsage after)
    {
        if (Process.HasExited)
        {
            Console.Error.WriteLine($"{Agent.Name} ended by itself: {Process.OutputTail}");
        }

        var result = new TrialResult(
            Agent.Name,
            scenario,
            lines,
            input.Bytes,
            seconds,
            after.CpuSeconds - _before.CpuSeconds,
            after.SystemSeconds - _before.SystemSeconds,
            after.ResidentBytes,
            after.PeakResidentBytes,
            _bench.Receiver.CpuSeconds - _receiverCpuSeconds,
            await _bench.Receiver.ReadAsync(),
            await _bench.Receiver.AuditAsync(input.Counts))
        {
            DroppableLines = input.DroppableLines,
        };
        _bench.Add(result, Agent.IsOurs);
        return result;
    }
}
