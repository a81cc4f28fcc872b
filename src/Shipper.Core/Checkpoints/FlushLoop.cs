namespace Shipper.Checkpoints;

/// <summary>Makes what was written survive the machine, once a second.</summary>
internal static class FlushLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Flushes each second until cancelled, and ends the doubt as soon as that is possible.</summary>
    /// <param name="checkpoints">What to flush.</param>
    /// <param name="isCertain">Tells whether all that may have been sent unknown to the checkpoints is acknowledged.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Tells to stop.</param>
    public static async Task RunAsync(CheckpointStore checkpoints, Func<bool> isCertain, TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (checkpoints.IsInDoubt && isCertain())
                {
                    checkpoints.EndDoubt();
                }

                checkpoints.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The caller saves what the lanes still acknowledge, and disposes.
        }
    }
}
