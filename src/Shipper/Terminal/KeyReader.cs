namespace Shipper.Terminal;

/// <summary>Reads keys without blocking a thread of the pool while none is pressed.</summary>
internal static class KeyReader
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(30);

    /// <summary>Returns the next key.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    public static async Task<ConsoleKeyInfo> NextAsync(CancellationToken stopping)
    {
        while (!Console.KeyAvailable)
        {
            await Task.Delay(PollInterval, TimeProvider.System, stopping);
        }

        return Console.ReadKey(intercept: true);
    }
}
