using Microsoft.AspNetCore.Http;

namespace Shipper.Testing.Loki;

/// <summary>
/// Simulates a frozen Loki: its process is stopped, or its machine is suspended. The kernel still accepts connections, requests wait in their sockets, and
/// none gets a response. After the freeze, Loki responds to waiting queries at once, and handles waiting pushes in any order, in parallel with
/// new ones, although their senders have disconnected.
/// </summary>
internal sealed class LokiFreeze(TimeProvider time)
{
    /// <summary>Maximum delay until a waiting push is handled after the freeze.</summary>
    private static readonly TimeSpan MaxWork = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _thaw;

    public void Begin()
    {
        lock (_lock)
        {
            _thaw ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _thaw?.SetResult();
            _thaw = null;
        }
    }

    /// <summary>Holds a request until the freeze ends.</summary>
    /// <returns>False if the request never arrived completely and must be ignored.</returns>
    public async Task<bool> WaitForThawAsync(HttpContext context)
    {
        Task? thaw;
        lock (_lock)
        {
            thaw = _thaw?.Task;
        }

        if (thaw is null)
        {
            return true;
        }

        var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body);
        }
        catch (Exception e) when (e is IOException or BadHttpRequestException or OperationCanceledException)
        {
            return false;
        }

        body.Position = 0;
        context.Request.Body = body;
        await thaw;
        if (HttpMethods.IsPost(context.Request.Method))
        {
            await Task.Delay(MaxWork * Random.Shared.NextDouble(), time);
        }

        return true;
    }
}
