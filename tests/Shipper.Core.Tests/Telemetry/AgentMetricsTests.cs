using Shipper.Telemetry;

namespace Shipper.Core.Tests.Telemetry;

public class AgentMetricsTests
{
    /// <summary>Users build dashboards and alerts on these names: a change breaks them.</summary>
    [Fact]
    public void ToPrometheusText_AllFamilies_HaveTheirDocumentedNames()
    {
        var sut = new AgentMetrics();

        string[] families = [.. sut.ToPrometheusText().Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line["# TYPE ".Length..])];

        Assert.Equal(
            [
                "shipper_read_bytes_total counter",
                "shipper_read_records_total counter",
                "shipper_reread_records_total counter",
                "shipper_sent_records_total counter",
                "shipper_sent_bytes_total counter",
                "shipper_dropped_records_total counter",
                "shipper_processed_records_total counter",
                "shipper_limited_bytes_total counter",
                "shipper_level_records_total counter",
                "shipper_lost_bytes_total counter",
                "shipper_nul_bytes_total counter",
                "shipper_truncated_records_total counter",
                "shipper_truncated_files_total counter",
                "shipper_file_errors_total counter",
                "shipper_labels_adjusted_total counter",
                "shipper_annotation_errors_total counter",
                "shipper_metadata_missing_total counter",
                "shipper_journal_errors_total counter",
                "shipper_journal_missing_entries_total counter",
                "shipper_journal_damaged_entries_total counter",
                "shipper_push_requests_total counter",
                "shipper_push_retries_total counter",
                "shipper_retimed_records_total counter",
                "shipper_metadata_omitted_records_total counter",
                "shipper_possible_duplicate_records_total counter",
                "shipper_checkpoint_errors_total counter",
                "shipper_config_reloads_total counter",
                "shipper_internal_errors_total counter",
                "shipper_kubernetes_requests_total counter",
                "shipper_kubernetes_skipped_objects_total counter",
                "shipper_push_duration_seconds histogram",
                "shipper_last_push_success_timestamp_seconds gauge",
                "shipper_config_last_reload_successful gauge",
                "shipper_build_info gauge",
                "process_cpu_seconds_total counter",
                "process_resident_memory_bytes gauge",
                "process_virtual_memory_bytes gauge",
                "process_start_time_seconds gauge",
                "process_open_fds gauge",
                "process_max_fds gauge",
            ],
            families);
    }

    [Fact]
    public void ToPrometheusText_Samples_FollowTheTextFormat()
    {
        var sut = new AgentMetrics();
        sut.SentRecords.Add(41);
        sut.SentRecords.Add(1);
        sut.DroppedRecords.Add("a \"quoted\"\n reason \\", 2);
        sut.PushDuration.Observe(TimeSpan.FromMilliseconds(30));

        string[] lines = sut.ToPrometheusText().Split('\n');

        Assert.Contains("shipper_sent_records_total 42", lines);
        Assert.Contains("shipper_push_retries_total 0", lines);
        Assert.Contains("shipper_dropped_records_total{reason=\"a \\\"quoted\\\"\\n reason \\\\\"} 2", lines);
        Assert.Contains("shipper_push_duration_seconds_bucket{le=\"0.025\"} 0", lines);
        Assert.Contains("shipper_push_duration_seconds_bucket{le=\"0.05\"} 1", lines);
        Assert.Contains("shipper_push_duration_seconds_bucket{le=\"+Inf\"} 1", lines);
        Assert.Contains("shipper_push_duration_seconds_sum 0.03", lines);
        Assert.Contains("shipper_push_duration_seconds_count 1", lines);
    }

    [Fact]
    public void ToPrometheusText_NothingHappenedYet_ShowsUsualLabelValuesAtZero()
    {
        string[] lines = new AgentMetrics().ToPrometheusText().Split('\n');

        Assert.Contains("shipper_push_requests_total{status=\"204\"} 0", lines);
        Assert.Contains("shipper_push_requests_total{status=\"timeout\"} 0", lines);
        Assert.Contains("shipper_file_errors_total{reason=\"permission\"} 0", lines);
        Assert.Contains("shipper_labels_adjusted_total{how=\"left_out\"} 0", lines);
        Assert.Contains("shipper_checkpoint_errors_total{operation=\"snapshot\"} 0", lines);
        Assert.Contains("shipper_push_duration_seconds_bucket{le=\"60\"} 0", lines);
    }

    [Fact]
    public void CountReload_RefusedThenAccepted_ShowsTheLastResult()
    {
        var sut = new AgentMetrics();
        Assert.Contains("shipper_config_last_reload_successful 1\n", sut.ToPrometheusText(), StringComparison.Ordinal);
        sut.CountReload(isRefused: true);
        Assert.Contains("shipper_config_last_reload_successful 0\n", sut.ToPrometheusText(), StringComparison.Ordinal);
        sut.CountReload(isRefused: false);
        Assert.Contains("shipper_config_last_reload_successful 1\n", sut.ToPrometheusText(), StringComparison.Ordinal);
    }

    [Fact]
    public void RecordPushSuccess_Time_IsShownInSeconds()
    {
        var sut = new AgentMetrics();
        Assert.Contains("shipper_last_push_success_timestamp_seconds 0\n", sut.ToPrometheusText(), StringComparison.Ordinal);
        sut.RecordPushSuccess(DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.5));
        Assert.Contains("shipper_last_push_success_timestamp_seconds 1700000000.5\n", sut.ToPrometheusText(), StringComparison.Ordinal);
    }
}
