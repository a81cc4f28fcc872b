using System.Globalization;
using Microsoft.Extensions.Logging;
using Shipper.Agents;
using Shipper.Lanes;
using Shipper.Logging;
using Shipper.Native;
using Shipper.Status;
using Shipper.Telemetry;

namespace Shipper.Demo;

/// <summary>
/// Runs the demo on one machine: pods write, and the agent ships their logs through the same pipeline as <c>run</c>. The agent is
/// restarted halfway while the logs rotate. At the end, every line is accounted for.
/// </summary>
/// <param name="lines">Number of lines that the pods write.</param>
/// <param name="loki">The Loki to ship to; null for an endpoint inside the process.</param>
/// <param name="output">Receives the progress and the report.</param>
/// <param name="terminalWidth">Number of columns of the terminal behind <paramref name="output"/>; 0 if it is not a terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class DemoRun(int lines, Uri? loki, TextWriter output, int terminalWidth, TimeProvider time)
{
    private const string Cluster = "shipper-demo";
    private const int Bursts = 60;
    private const double BytesPerMb = 1_000_000;
    private const double BytesPerMiB = 1024 * 1024;

    private static readonly TimeSpan BurstInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The demo gives up if nothing was delivered for this long.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopped agent may continue to send.</summary>
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for duplicates after the last line.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromMilliseconds(700);

    private readonly DeliveryAudit _audit = new();
    private readonly DemoProgress _progress = new(output, terminalWidth, time);
    private long _sentBefore;

    /// <summary>Runs the demo.</summary>
    /// <returns>True if no line was lost or duplicated.</returns>
    /// <exception cref="HttpRequestException">Loki can't be queried.</exception>
    /// <exception cref="IOException">The temporary directory or the output can't be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to write to the temporary directory.</exception>
    public async Task<bool> RunAsync(CancellationToken stopping)
    {
        if (loki is not null)
        {
            using var query = new LokiAudit(loki, time);
            await query.CheckAsync($"{{cluster=\"{Cluster}\"}}", stopping);
        }

        string root = CreateRoot();
        try
        {
            return await RunAsync(root, stopping);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string CreateRoot()
    {
        try
        {
            return Directory.CreateTempSubdirectory("shipper-demo-").FullName;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The runtime's message does not always name the directory.
            throw new IOException($"can't create a directory in {Path.GetTempPath()}: {e.MessageWithoutPeriod()}", e);
        }
    }

    private async Task<bool> RunAsync(string root, CancellationToken stopping)
    {
        using var receiver = new PushReceiver(_audit);
        await receiver.StartAsync(stopping);
        var options = new AgentOptions { Cluster = Cluster, Environment = "demo" };
        options.Containers.Include = [Path.Combine(root, "containers", "*.log")];
        options.Journal.Enabled = false;
        options.Kubernetes.Enabled = false;
        options.Loki.Url = loki ?? receiver.Address;
        options.Loki.Batch.Wait = TimeSpan.FromMilliseconds(200);
        options.State.Path = Path.Combine(root, "state");
        options.GracePeriod = GracePeriod;

        DateTimeOffset started = time.GetUtcNow();
        long start = time.GetTimestamp();
        var workload = new DemoWorkload(root, options, _audit, time);
        _progress.WriteMessage($"The pods write {lines.ToString("N0", CultureInfo.InvariantCulture)} lines to {root}, and the agent ships them to {options.Loki.PushUrl}");
        RunningAgent agent = new(options, time);
        try
        {
            for (int burst = 0; burst < Bursts; burst++)
            {
                workload.Print((lines * (burst + 1) / Bursts) - (lines * burst / Bursts));
                agent = await RotateOrRestartAsync(burst, agent, workload, options);
                _progress.Update(_audit.WrittenLines, Sent(agent, workload), lines);

                // Spread the writing over some seconds, as real pods do.
                await Task.Delay(BurstInterval, time, stopping);
            }

            await WaitForDeliveryAsync(agent, workload, stopping);
        }
        finally
        {
            await agent.DisposeAsync();
        }

        TimeSpan took = time.GetElapsedTime(start);
        if (loki is null)
        {
            // A record that is sent twice would arrive now. No event signals that none will.
            await Task.Delay(LastWait, time, stopping);
        }

        _progress.Clear();
        long storedTwice = loki is null ? 0 : await CollectAsync(workload, started, stopping);
        return Report(workload, took, storedTwice);
    }

    /// <summary>Rotates the logs and restarts the agent between the bursts.</summary>
    private async Task<RunningAgent> RotateOrRestartAsync(int burst, RunningAgent agent, DemoWorkload workload, AgentOptions options)
    {
        switch (burst)
        {
            case Bursts / 4:
                _progress.WriteMessage("The logs are rotated");
                workload.Containers.ToList().ForEach(container => container.Rotate());
                break;
            case Bursts / 2:
                _progress.WriteMessage("The agent stops; the pods keep writing");
                await agent.DisposeAsync();
                break;
            case (Bursts / 2) + 5:
                _progress.WriteMessage("The logs are rotated again and the rotated files compressed, while the agent is down");
                workload.Containers.ToList().ForEach(container => container.Rotate());
                break;
            case (Bursts / 2) + 10:
                _progress.WriteMessage("The agent starts again and resumes where it stopped");
                _sentBefore += agent.SentRecords;
                return new RunningAgent(options, time);
        }

        return agent;
    }

    private async Task WaitForDeliveryAsync(RunningAgent agent, DemoWorkload workload, CancellationToken stopping)
    {
        long last = -1;
        long lastChange = time.GetTimestamp();
        while (Sent(agent, workload) < _audit.WrittenLines && time.GetElapsedTime(lastChange) < MaxSilence && !agent.HasEnded)
        {
            if (Sent(agent, workload) != last)
            {
                last = Sent(agent, workload);
                lastChange = time.GetTimestamp();
            }

            _progress.Update(_audit.WrittenLines, last, lines);

            // The progress is updated at this interval anyway.
            await Task.Delay(BurstInterval, time, stopping);
        }

        if (Sent(agent, workload) < _audit.WrittenLines && !agent.HasEnded)
        {
            _progress.WriteMessage($"Nothing more was delivered for {MaxSilence.TotalSeconds} s");
        }
    }

    /// <summary>Returns the number of lines sent. Those of a stack trace count when the trace is written: the agent counts records.</summary>
    private long Sent(RunningAgent agent, DemoWorkload workload) => Math.Min(_audit.WrittenLines, _sentBefore + agent.SentRecords + workload.JoinedLines);

    private async Task<long> CollectAsync(DemoWorkload workload, DateTimeOffset from, CancellationToken stopping)
    {
        _progress.WriteMessage($"Querying {loki} for all lines");
        using var query = new LokiAudit(loki!, time);
        long storedTwice = 0;
        foreach (DemoContainer container in workload.Containers)
        {
            storedTwice += await query.CollectAsync(container.Labels, _audit, from, time.GetUtcNow(), stopping);
        }

        return storedTwice;
    }

    private bool Report(DemoWorkload workload, TimeSpan took, long storedTwice)
    {
        (long lost, long duplicated) = _audit.Compare();
        duplicated += storedTwice;
        double bytes = workload.Containers.Sum(container => container.Bytes);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            written      {_audit.WrittenLines,12:N0}  lines, {bytes / BytesPerMb:N1} MB, {workload.Containers.Count} containers, 2 rotations, 1 restart of the agent
            delivered    {_audit.DeliveredLines + storedTwice,12:N0}
            lost         {lost,12:N0}
            duplicated   {duplicated,12:N0}
            throughput   {bytes / BytesPerMb / took.TotalSeconds,12:N1}  MB/s, limited by how fast the pods write
            peak memory  {ReadPeakMemory() / BytesPerMiB,12:N1}  MiB, including the pods and the receiver
            """));
        return lost == 0 && duplicated == 0;
    }

    private static double ReadPeakMemory()
    {
        const string Prefix = "VmHWM:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Prefix, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(Prefix.Length, line.Length - Prefix.Length - 3), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>An agent from its start to its stop.</summary>
    private sealed class RunningAgent : IAsyncDisposable
    {
        private readonly AgentMetrics _metrics = new();
        private readonly CancellationTokenSource _stopping = new();
        private readonly ILoggerFactory _loggers;
        private readonly Agent _agent;
        private readonly Task _run;

        public RunningAgent(AgentOptions options, TimeProvider time)
        {
            _loggers = LoggerFactory.Create(logging => logging
                .AddProvider(new AgentLoggerProvider(Console.OpenStandardError(), OwnLogSeverity.Warn, OwnLogFormat.Text, time)));
            _agent = new Agent(options, new StageServices(time, _loggers, _metrics, new Heartbeat(time)), new StatusHistory(time, _metrics));
            _run = _agent.RunAsync(predecessor: null, () => { }, handingOver: CancellationToken.None, _stopping.Token);
        }

        public long SentRecords => _metrics.SentRecords.Get();

        public bool HasEnded => _run.IsCompleted;

        public async ValueTask DisposeAsync()
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            await _stopping.CancelAsync();
            try
            {
                await _run;
            }
            finally
            {
                _agent.Dispose();
                _loggers.Dispose();
                _stopping.Dispose();
            }
        }
    }
}
