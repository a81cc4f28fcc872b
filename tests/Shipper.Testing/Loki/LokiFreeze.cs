using Microsoft.AspNetCore.Http;

namespace Shipper.Testing.Loki;

/// <summary>
/// A Loki that stands still: its process is stopped, or its machine is frozen. The kernel goes on accepting connections, requests lie in their sockets, and
/// nothing is answered. When it goes on, questions are answered at once, and pushes that lie there are worked on in any order, in parallel with
/// new ones, though those who sent them are gone.
/// </summary>
internal sealed class LokiFreeze(TimeProvider time)
{
    /// <summary>How long it takes at most until a push that lay there is worked on.</summary>
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

    /// <summary>Lets a request lie while it lasts.</summary>
    /// <returns>False if the request never came as a whole, so that nothing is to be done with it.</returns>
    public async Task<bool> PassAsync(HttpContext context)
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
