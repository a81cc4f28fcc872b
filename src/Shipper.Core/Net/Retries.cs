using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.Retry;

namespace Shipper.Net;

/// <summary>Builds pipelines that repeat an action, as often as it takes, until its result needs no repetition.</summary>
internal static class Retries
{
    /// <summary>Builds a pipeline for an action whose failures are results. An exception ends the repetition.</summary>
    /// <typeparam name="T">The result. A class: each struct would bring another copy of the pipeline's code into the program.</typeparam>
    /// <param name="clock">The clock to wait with.</param>
    /// <param name="mustRepeat">Tells whether to repeat the action after this result.</param>
    /// <param name="delay">How long to wait before that.</param>
    /// <param name="onRetry">Called before the wait, to log and to count.</param>
    public static ResiliencePipeline<T> Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(
        TimeProvider clock, Func<T, CancellationToken, ValueTask<bool>> mustRepeat, Func<T, TimeSpan> delay, Action<T> onRetry)
        where T : class =>
        new ResiliencePipelineBuilder<T> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<T>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = attempt => attempt.Outcome.Exception is null ? mustRepeat(attempt.Outcome.Result!, attempt.Context.CancellationToken) : ValueTask.FromResult(false),
                DelayGenerator = attempt => ValueTask.FromResult<TimeSpan?>(delay(attempt.Outcome.Result!)),
                OnRetry = attempt =>
                {
                    onRetry(attempt.Outcome.Result!);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
