namespace Shipper.Status;

/// <summary>A changed configuration that the agent refused.</summary>
internal sealed record ConfigurationRefusal(DateTimeOffset At, string Reason);
