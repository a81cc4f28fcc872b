namespace Shipper.Kubernetes.Annotations;

/// <summary>Whether a log is left out.</summary>
/// <param name="IsExcluded">False if the log is expressly wanted.</param>
/// <param name="Rule">What says so, for messages: <c>annotation shipper.io/exclude</c>.</param>
internal sealed record WishedExclusion(bool IsExcluded, string Rule);
