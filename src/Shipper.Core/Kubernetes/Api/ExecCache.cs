namespace Shipper.Kubernetes.Api;

/// <summary>
/// Keeps the credentials that a command printed until they expire or the API server refuses them. Requests that need them at the
/// same time share one run.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ExecCache(TimeProvider time) : IDisposable
{
    /// <summary>Credentials are renewed this long before they expire: clocks differ, and a request takes its time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private ExecCommand? _command;
    private Task<ExecCredential>? _run;

    /// <summary>Gives the credentials, and runs the command if there are none that are valid.</summary>
    /// <exception cref="ApiAccessException">The command gives none.</exception>
    public Task<ExecCredential> GetAsync(ExecCommand command, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (_run is null || _command is null || !_command.IsSame(command) || IsOver(_run))
            {
                // The run belongs to no request: one that is given up must not cost the others theirs.
                _command = command;
                CancellationToken disposing = _disposing.Token;
                _run = Task.Run(() => ExecProcess.RunAsync(command, time, disposing), disposing);
            }

            return _run.WaitAsync(stopping);
        }
    }

    /// <summary>Forgets credentials that the API server refused.</summary>
    public void Refuse(ExecCredential credential)
    {
        lock (_lock)
        {
            // Not those that another request has got in their place.
            if (_run is { IsCompletedSuccessfully: true } run && ReferenceEquals(run.Result, credential))
            {
                _run = null;
            }
        }
    }

    /// <summary>Kills a command that runs.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        _disposing.Dispose();
    }

    private bool IsOver(Task<ExecCredential> run) =>
        run.IsCompleted && (!run.IsCompletedSuccessfully || (run.Result.Expires is { } expires && time.GetUtcNow() + Margin >= expires));
}
