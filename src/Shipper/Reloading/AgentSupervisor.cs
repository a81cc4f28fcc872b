using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Shipper.Agents;
using Shipper.Checkpoints;
using Shipper.Configuration;
using Shipper.Http;
using Shipper.Logging;
using Shipper.Native;
using Shipper.Status;
using Shipper.Status.Explaining;
using Shipper.Telemetry;

namespace Shipper.Reloading;

/// <summary>
/// Runs the agent, and replaces it with a new one when the configuration file has changed or a reload is requested. The file is
/// checked first: if it is invalid, it is refused and the agent keeps running. If it is valid, the new agent first loads the metadata of its pods. Then
/// the old agent ends as at a shutdown: it waits for its responses, saves its positions, and hands its open files over to the new
/// agent (<see cref="Handover"/>). Counters continue.
/// </summary>
/// <remarks>Can be run only once. What <see cref="IAgentView"/> has is thread-safe.</remarks>
internal sealed class AgentSupervisor : IAgentView, IDisposable
{
    /// <summary>Upper bound of the problems of one file that are logged. <c>shipper validate</c> prints all of them.</summary>
    private const int MaxLoggedProblems = 20;

    private readonly string _path;
    private readonly ConfigWatch _watch;
    private readonly Func<AgentOptions, Agent> _create;
    private readonly AgentLoggerProvider _log;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly TimeProvider _time;
    private AgentOptions _options;
    private Agent _agent;
    private volatile bool _isReplacing;
    private volatile bool _wasReady;
    private ConfigurationStatus _configuration;
    private string _effectiveConfig;
    private OwnLogTail? _ownLogTail;

    /// <param name="path">The configuration file.</param>
    /// <param name="options">The options that the file had at the start.</param>
    /// <param name="watch">Detects changes of the file.</param>
    /// <param name="create">Creates an agent.</param>
    /// <param name="log">The agent's own log, for a new level and format.</param>
    /// <param name="metrics">The metrics, shared by all agents.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CryptographicException">A certificate file holds no certificate.</exception>
    /// <exception cref="IOException">A certificate file can't be read.</exception>
    public AgentSupervisor(
        string path, AgentOptions options, ConfigWatch watch, Func<AgentOptions, Agent> create, AgentLoggerProvider log, ILogger logger, AgentMetrics metrics, TimeProvider time)
    {
        _path = path;
        _options = options;
        _watch = watch;
        _create = create;
        _log = log;
        _logger = logger;
        _metrics = metrics;
        _time = time;
        _effectiveConfig = Configuration.EffectiveConfig.ToYaml(options);
        _agent = create(options);
        _configuration = new ConfigurationStatus(path, time.GetUtcNow(), [], Refused: null);
    }

    /// <summary>Why the agent is not ready; null once it is. An agent that was ready stays ready while its successor takes over.</summary>
    public string? NotReadyReason => _isReplacing && _wasReady ? null : Volatile.Read(ref _agent).Reporter.NotReadyReason;

    public string EffectiveConfig => Volatile.Read(ref _effectiveConfig);

    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping)
    {
        AgentStatus status = await Volatile.Read(ref _agent).Reporter.GetStatusAsync(stopping);
        return status with { Configuration = Volatile.Read(ref _configuration), Warnings = _log.Warnings.All };
    }

    public async Task<AgentStatus> GetUnorderedStatusAsync(CancellationToken stopping)
    {
        AgentStatus status = await Volatile.Read(ref _agent).Reporter.GetUnorderedAsync(stopping);
        return status with { Configuration = Volatile.Read(ref _configuration), Warnings = _log.Warnings.All };
    }

    public Task<Explanation> ExplainAsync(string @namespace, string pod, string? container, CancellationToken stopping) =>
        Volatile.Read(ref _agent).Explainer.ExplainAsync(@namespace, pod, container, stopping);

    /// <summary>Runs agents, one after the other, until the program is told to stop or an agent fails.</summary>
    /// <param name="started">Called for each agent when it has listed its sources for the first time.</param>
    /// <param name="reloading">Called before an agent is replaced.</param>
    /// <param name="stopping">Requests the stop.</param>
    /// <returns>False if not all positions could be saved.</returns>
    /// <exception cref="StateUnavailableException">The state directory can't be used.</exception>
    public async Task<bool> RunAsync(Action started, Action reloading, CancellationToken stopping)
    {
        Handover? predecessor = null;
        while (true)
        {
            using var stop = new CancellationTokenSource();
            using var handingOver = new CancellationTokenSource();
            var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<AgentResult> running = _agent.RunAsync(predecessor, Started, handingOver.Token, stop.Token);

            // Until the new agent has listed its sources, it can't save what it inherited: a stop has to wait for that.
            if (predecessor is not null)
            {
                await Task.WhenAny(listed.Task, running);
            }

            await using CancellationTokenRegistration registration = stopping.Register(stop.Cancel);
            if (await NextAsync(running, stopping) is not { } next)
            {
                AgentResult last = await running;
                _ownLogTail = last.OwnLogTail;
                return last.IsSaved;
            }

            _wasReady = NotReadyReason is null;
            _isReplacing = true;
            reloading();
            await handingOver.CancelAsync();
            AgentResult end = await running;
            _agent.Dispose();
            if (end.Handover is null)
            {
                _ownLogTail = end.OwnLogTail;
                next.Agent.Dispose();
                return end.IsSaved;
            }

            predecessor = end.Handover;
            Volatile.Write(ref _agent, next.Agent);
            _options = next.Options;
            _log.Reconfigure(_options.LogLevel, _options.LogFormat);

            void Started()
            {
                if (_isReplacing)
                {
                    _isReplacing = false;
                    _metrics.CountReload(isRefused: false);
                    ReloadEvents.Reloaded(_logger, _options.Cluster, _options.NodeName, _options.Loki.PushUrl);
                }

                started();
                if (stopping.IsCancellationRequested)
                {
                    // Stop before anything is read: the previous agent has already used up the time for sending.
                    stop.Cancel();
                }

                listed.SetResult();
            }
        }
    }

    /// <summary>Saves what was logged after the agent had ended, so that it is not lost with the agent's pod. Call last in the process.</summary>
    public Task SaveOwnLogTailAsync() => _ownLogTail?.SaveAsync(_time) ?? Task.CompletedTask;

    public void Dispose() => _agent.Dispose();

    /// <summary>Waits until a reload is due, and prepares the next agent.</summary>
    /// <returns>The next agent; null if the current one has ended or must stop.</returns>
    private async Task<(Agent Agent, AgentOptions Options)?> NextAsync(Task running, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _ = running.ContinueWith(static (_, ending) => ((CancellationTokenSource)ending!).Cancel(), ending, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (true)
            {
                await _watch.WaitAsync(ending.Token);
                while (!_agent.IsSaved)
                {
                    // The next agent finds the positions only on the disk, and no event signals that the disk accepts them again: poll.
                    ReloadEvents.WaitingForCheckpoint(_logger, _path, _options.State.Path);
                    await Task.Delay(ConfigWatch.Interval, _time, ending.Token);
                }

                if (TryCreate(out Agent? agent, out AgentOptions options))
                {
                    await agent.PrepareAsync(ending.Token);
                    return (agent, options);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The agent has ended, or must stop.
            return null;
        }
    }

    /// <summary>Reads the file and creates an agent from it.</summary>
    private bool TryCreate([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Agent? agent, out AgentOptions options)
    {
        agent = null;
        options = _options;
        try
        {
            if (FindWrongKind() is { } reason)
            {
                Refuse(reason);
                return false;
            }

            ConfigFile file = ConfigFile.Load(_path, FileCheck.Lenient);
            foreach (ConfigProblem problem in file.Problems.Take(MaxLoggedProblems))
            {
                if (problem.IsWarning)
                {
                    ServiceEvents.ConfigWarning(_logger, problem.Format(_path));
                }
                else
                {
                    ReloadEvents.ConfigError(_logger, problem.Format(_path));
                }
            }

            if (file.HasErrors)
            {
                ConfigProblem[] errors = [.. file.Problems.Where(problem => !problem.IsWarning)];
                Refuse(string.Create(CultureInfo.InvariantCulture, $"{errors.Length} {(errors.Length == 1 ? "error" : "errors")}, the first is {errors[0].Format(_path)}"));
                return false;
            }

            options = file.Options;
            IReadOnlyList<string> kept = RestartKeys.RestoreCurrent(options, _options);
            string effective = Configuration.EffectiveConfig.ToYaml(options);
            agent = _create(options);
            if (kept.Count > 0)
            {
                ReloadEvents.NeedsRestart(_logger, string.Join(", ", kept));
            }

            Volatile.Write(ref _configuration, new ConfigurationStatus(_path, _time.GetUtcNow(), kept, Refused: null));
            Volatile.Write(ref _effectiveConfig, effective);
            return true;
        }
        catch (Exception e) when (IoFailure.Is(e) || e is CryptographicException)
        {
            Refuse(e.MessageWithoutPeriod());
            return false;
        }
    }

    /// <summary>A start may read a pipe, but a reload may not: a pipe can't be read twice, and opening it blocks until somebody writes to it.</summary>
    /// <returns>Why the file can't be read; null if it can.</returns>
    private string? FindWrongKind() =>
        FileStatus.OfPath(_path, out FileStatus status) != 0 || status.Kind is FileKind.Directory or FileKind.Regular ? null : $"it is {status.Kind.Describe()}, not a file";

    private void Refuse(string reason)
    {
        _metrics.CountReload(isRefused: true);
        ReloadEvents.Refused(_logger, _path, reason);
        Volatile.Write(ref _configuration, Volatile.Read(ref _configuration) with { Refused = new ConfigurationRefusal(_time.GetUtcNow(), reason) });
    }
}
