namespace Shipper.Status.Explaining;

/// <summary>Why the logs of a pod do or do not reach Loki: the response of <c>/api/explain</c>.</summary>
/// <param name="Time">When the question was answered.</param>
/// <param name="Target">What was asked for: <c>namespace/pod</c> or <c>namespace/pod/container</c>.</param>
/// <param name="State">One of <see cref="LogStates"/>: the worst of the logs.</param>
/// <param name="IsDelivered">True if every line of all the logs is in Loki, or on its way.</param>
/// <param name="Summary">The answer in one sentence.</param>
/// <param name="Nearest">Known names that resemble an unknown one.</param>
/// <param name="Logs">The logs; none if nothing is known of the pod.</param>
internal sealed record Explanation(
    DateTimeOffset Time, string Target, string State, bool IsDelivered, string Summary, IReadOnlyList<string> Nearest, IReadOnlyList<LogExplanation> Logs);
