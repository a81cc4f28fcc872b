namespace Shipper.Checkpoints;

/// <summary>Flushes the checkpoints once a second, so that they survive a crash of the machine.</summary>
internal static class FlushLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Flushes every second until canceled. Also records when no unconfirmed records are left.</summary>
    /// <param name="isCertain">Returns true if every record that may have been sent without the checkpoints' knowledge is acknowledged.</param>
    public static async Task RunAsync(CheckpointStore checkpoints, Func<bool> isCertain, TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (checkpoints.HasUnconfirmed && isCertain())
                {
                    checkpoints.MarkConfirmed();
                }

                checkpoints.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The caller saves what the lanes acknowledge after this, and then disposes of the checkpoints.
        }
    }
}
