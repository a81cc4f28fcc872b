namespace Shipper.Kubernetes.Api;

/// <summary>
/// Caches the credentials that a command printed until they expire or the API server refuses them. Concurrent requests share one run of
/// the command.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ExecCredentialCache(TimeProvider time) : IDisposable
{
    /// <summary>Credentials are renewed this long before they expire, because clocks differ and a request takes time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private ExecCommand? _command;
    private Task<ExecCredential>? _run;

    /// <summary>Returns valid credentials. Runs the command if there are none in the cache.</summary>
    /// <exception cref="ApiAccessException">The command printed no credentials.</exception>
    public Task<ExecCredential> GetAsync(ExecCommand command, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (_run is null || _command is null || !_command.IsSameAs(command) || IsStale(_run))
            {
                // The run does not belong to a request: canceling one request must not fail the others.
                _command = command;
                CancellationToken disposing = _disposing.Token;
                _run = Task.Run(() => ExecProcess.RunAsync(command, time, disposing), disposing);
            }

            return _run.WaitAsync(stopping);
        }
    }

    /// <summary>Forgets credentials that the API server refused.</summary>
    public void Invalidate(ExecCredential credential)
    {
        lock (_lock)
        {
            // Keep credentials that another request has obtained in the meantime.
            if (_run is { IsCompletedSuccessfully: true } run && ReferenceEquals(run.Result, credential))
            {
                _run = null;
            }
        }
    }

    /// <summary>Kills the command if it is running.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        _disposing.Dispose();
    }

    private bool IsStale(Task<ExecCredential> run) =>
        run.IsCompleted && (!run.IsCompletedSuccessfully || (run.Result.Expires is { } expires && time.GetUtcNow() + Margin >= expires));
}
