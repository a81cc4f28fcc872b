using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>The gauges of the agent that runs.</summary>
internal static class AgentGauges
{
    /// <summary>Adds them. Those of the previous agent are replaced.</summary>
    public static void Add(AgentMetrics metrics, StatusPage page, AgentOptions options)
    {
        metrics.AddGauge("shipper_kubernetes_connected", "1 while the pods of the node are known and watched, else 0.", () => page.Metadata?.IsConnected == true ? 1 : 0);
        metrics.AddGauge("shipper_buffer_bytes", "Bytes read and not yet acknowledged.", () => page.Lanes.Sum(lane => lane.BufferedBytes));
        metrics.AddGauge("shipper_buffer_limit_bytes", "The most bytes that may be read and not yet acknowledged.", () => options.BufferMemory);
        metrics.AddGauge("shipper_lag_bytes", "Bytes written to the sources and not yet acknowledged.", () => page.Lanes.Sum(lane => lane.Status.LagBytes));
        metrics.AddGauge("shipper_lag_seconds", "Age of the oldest record not yet acknowledged.", () => page.LagSeconds);
        metrics.AddGauge(
            "shipper_loss_deadline_seconds",
            "Estimate of the time until bytes are lost that are not acknowledged: rotation deletes them, and no more deleted files can be held. +Inf if no stream is behind, or if all that are catch up.",
            () => page.Lanes.Select(lane => lane.Status.LossDeadlineSeconds).DefaultIfEmpty(LossDeadline.Never).Min());
        metrics.AddGauge("shipper_held_bytes", "Bytes on the disk of deleted files that are held open, or as a saved copy.", () => page.Lanes.Sum(lane => lane.Status.HeldBytes));
        metrics.AddGauge("shipper_open_files", "Log files that are open.", () => page.Lanes.Sum(lane => lane.Status.OpenFiles));
        metrics.AddGauge("shipper_journal_reading", "1 while a journal is read, else 0.", () => page.Journal?.Directories.Any(directory => directory.IsReading) == true ? 1 : 0);
        metrics.AddGauge("shipper_excluded_logs", "Logs of containers that are there and not read, because they are excluded.", () => page.ExcludedLogs);
        metrics.AddGauge("shipper_stalled", "1 while nothing was acknowledged for five minutes though there is something to send, else 0.", () => page.Lanes.Any(lane => lane.IsStalled) ? 1 : 0);
        metrics.AddGauge("shipper_streams", "Streams whose logs are followed.", () => page.Lanes.Sum(lane => lane.Status.Streams));
    }
}
