using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.Retry;

namespace Shipper.Net;

/// <summary>Builds pipelines that repeat an action, without a limit, until its result needs no retry.</summary>
internal static class Retries
{
    /// <summary>Builds a pipeline for an action that reports failures as results. An exception ends the retries.</summary>
    /// <typeparam name="T">The result type. A class, because each struct would add another copy of the pipeline's code to the program.</typeparam>
    /// <param name="clock">The clock to wait with.</param>
    /// <param name="shouldRetry">Returns true if the action must be repeated after this result.</param>
    /// <param name="delay">Returns how long to wait before the retry.</param>
    /// <param name="onRetry">Called before the wait, for logging and counting.</param>
    public static ResiliencePipeline<T> Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(
        TimeProvider clock, Func<T, CancellationToken, ValueTask<bool>> shouldRetry, Func<T, TimeSpan> delay, Action<T> onRetry)
        where T : class =>
        new ResiliencePipelineBuilder<T> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<T>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = attempt => attempt.Outcome.Exception is null ? shouldRetry(attempt.Outcome.Result!, attempt.Context.CancellationToken) : ValueTask.FromResult(false),
                DelayGenerator = attempt => ValueTask.FromResult<TimeSpan?>(delay(attempt.Outcome.Result!)),
                OnRetry = attempt =>
                {
                    onRetry(attempt.Outcome.Result!);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
