using Shipper.Status;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>The gauges that read their values from the running agent.</summary>
internal static class AgentGauges
{
    /// <summary>Adds all gauges, and replaces those of the previous agent.</summary>
    public static void Add(AgentMetrics metrics, StatusReporter status, AgentOptions options)
    {
        metrics.AddGauge("shipper_kubernetes_connected", "1 while the node's pods are known and being watched, otherwise 0.", () => status.Metadata?.IsConnected == true ? 1 : 0);
        metrics.AddGauge("shipper_buffer_bytes", "Unacknowledged bytes in memory.", () => status.Lanes.Sum(lane => lane.BufferedBytes));
        metrics.AddGauge("shipper_buffer_limit_bytes", "Upper bound of unacknowledged bytes in memory (buffer.memory).", () => options.BufferMemory);
        metrics.AddGauge("shipper_lag_bytes", "Bytes written to the sources and not yet acknowledged by Loki.", () => status.LagBytes);
        metrics.AddGauge("shipper_lag_seconds", "Age of the oldest record not yet acknowledged by Loki, in seconds; 0 if there is none.", () => status.LagSeconds);
        metrics.AddGauge(
            "shipper_loss_deadline_seconds",
            "Estimated seconds until unacknowledged bytes are lost, because rotation deletes them and no more deleted files can be held open. +Inf if no stream is behind, or every stream that is behind is catching up.",
            () => status.LossDeadlineSeconds);
        metrics.AddGauge("shipper_held_bytes", "Bytes on disk of deleted files that the agent holds open or has saved a copy of.", () => status.Lanes.Sum(lane => lane.Status.HeldBytes));
        metrics.AddGauge("shipper_open_files", "Number of open log files.", () => status.Lanes.Sum(lane => lane.Status.OpenFiles));
        metrics.AddGauge("shipper_journal_reading", "1 while at least one journal is being read, otherwise 0.", () => status.Journal?.Directories.Any(directory => directory.IsReading) == true ? 1 : 0);
        metrics.AddGauge("shipper_excluded_logs", "Existing container logs that are not read because they are excluded.", () => status.ExcludedLogs);
        metrics.AddGauge("shipper_stalled", "1 if Loki has acknowledged nothing for five minutes although there is data to send, otherwise 0.", () => status.Lanes.Any(lane => lane.IsStalled) ? 1 : 0);
        metrics.AddGauge("shipper_streams", "Streams whose logs the agent follows.", () => status.Lanes.Sum(lane => lane.Status.Streams));
    }
}
