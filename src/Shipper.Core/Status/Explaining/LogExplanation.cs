namespace Shipper.Status.Explaining;

/// <summary>Why a log does or does not reach Loki.</summary>
/// <param name="Key"><c>namespace/pod/container</c>.</param>
/// <param name="State">One of <see cref="LogStates"/>.</param>
/// <param name="IsDelivered">True if every line is in Loki, or on its way.</param>
/// <param name="Summary">The answer in one sentence.</param>
/// <param name="Remedy">What to do about it; empty if nothing has to be done.</param>
/// <param name="Steps">The way of the log from the file to Loki.</param>
/// <param name="Selector">A query for the log; empty if its labels are not known.</param>
/// <param name="Grafana">Address of that query in Grafana; empty if Grafana's address is not configured.</param>
internal sealed record LogExplanation(
    string Key, string State, bool IsDelivered, string Summary, string Remedy, IReadOnlyList<ExplanationStep> Steps, string Selector, string Grafana);
