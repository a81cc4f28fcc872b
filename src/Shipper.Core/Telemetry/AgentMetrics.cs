namespace Shipper.Telemetry;

/// <summary>
/// Holds all metrics of <c>/metrics</c>. The stages count locally and add their counts here once per batch or event, never per line.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class AgentMetrics
{
    /// <summary>The statuses of push requests that usually occur.</summary>
    private static readonly string[] UsualPushStatuses = ["204", "400", "401", "403", "404", "413", "429", "500", "502", "503", "504", "error", "timeout"];

    private static readonly string[] LabelAdjustments = ["cut", "moved", "left_out"];

    private static readonly string[] CheckpointOperations = ["append", "delete", "flush", "read", "snapshot", "write"];

    private readonly List<Metric> _all = [];

    // By source, the number of records that were counted as read and will be read again. That many of the next records are not counted as read again.
    private readonly Dictionary<string, long> _rewound = new(StringComparer.Ordinal);

    private double _lastPushSuccess;
    private volatile bool _isReloadRefused;

    public AgentMetrics()
    {
        ReadBytes = Counter("shipper_read_bytes_total", "Bytes read from the sources, uncompressed. Bytes read again are not counted.", "source");
        ReadRecords = Counter("shipper_read_records_total", "Records read from the sources: sent, dropped, or not yet acknowledged. Records read again are not counted.", "source");
        RereadRecords = Counter("shipper_reread_records_total", "Records read again, because Loki refused them temporarily or the configuration was reloaded before Loki answered.", "source");
        SentRecords = Counter("shipper_sent_records_total", "Records that Loki acknowledged.");
        SentBytes = Counter("shipper_sent_bytes_total", "Compressed bytes of push requests that Loki acknowledged.");
        DroppedRecords = Counter("shipper_dropped_records_total", "Records read and deliberately not sent, by reason.", "reason");
        ProcessedRecords = Add(new MultiLabelCounter(
            "shipper_processed_records_total", "Records changed or left out by a processing stage, by stage (multiline, redact, drop, sample, limit) and rule. Records read again are counted again.",
            "stage", "rule"));
        LimitedBytes = Counter("shipper_limited_bytes_total", "Bytes of records over a limit, held back or dropped, by rule.", "rule");
        LevelRecords = Counter("shipper_level_records_total", "Records by the level that they state; none if they state none.", "level");
        LostBytes = Counter("shipper_lost_bytes_total", "Bytes lost before the agent could read them, by reason.", "reason");
        NulBytes = Counter("shipper_nul_bytes_total", "NUL bytes skipped in log files: holes left by a truncation, or lines replaced with NUL bytes by a power loss.", "source");
        TruncatedRecords = Counter("shipper_truncated_records_total", "Records cut to the maximum line size.");
        TruncatedFiles = Counter("shipper_truncated_files_total", "Log files truncated while the agent was reading them.");
        FileErrors = Counter("shipper_file_errors_total", "Failed attempts to open or read a log file or directory, by reason.", "reason");
        LabelsAdjusted = Counter("shipper_labels_adjusted_total", "Pod labels and metadata adjusted to fit Loki's limits, by how: cut, moved (to structured metadata) or left_out.", "how");
        AnnotationErrors = Counter("shipper_annotation_errors_total", "Annotations of pods and namespaces that were not obeyed, by reason. Counted each time the annotations of a pod or namespace change.", "reason");
        MetadataMissing = Counter("shipper_metadata_missing_total", "Logs that the agent started to read before the API server had returned their pod.");
        JournalErrors = Counter("shipper_journal_errors_total", "Journals and journal files that could not be read, by reason.", "reason");
        JournalMissingEntries = Counter("shipper_journal_missing_entries_total", "Journal entries that were deleted or unreadable before the agent read them, found as gaps in journald's sequence numbers.");
        JournalDamagedEntries = Counter("shipper_journal_damaged_entries_total", "Journal entries sent without a field that could not be read.");
        PushRequests = Counter("shipper_push_requests_total", "Push requests to Loki by HTTP status, error or timeout.", "status");
        PushRetries = Counter("shipper_push_retries_total", "Push requests to Loki that were retried.");
        RetimedRecords = Counter("shipper_retimed_records_total", "Records sent with a different timestamp because Loki does not accept their own, by reason.", "reason");
        MetadataOmitted = Counter("shipper_metadata_omitted_records_total", "Records sent without their structured metadata, because Loki does not accept it or it is turned off.");
        PossibleDuplicates = Counter("shipper_possible_duplicate_records_total", "Records sent again although Loki may have stored them already.");
        CheckpointErrors = Counter("shipper_checkpoint_errors_total", "Failed reads and writes of checkpoints, by operation.", "operation");
        ConfigReloads = Counter("shipper_config_reloads_total", "Configuration reloads by result: success or failure.", "result");
        InternalErrors = Counter("shipper_internal_errors_total", "Internal errors (bugs). Each one affected at most one stream.");
        KubernetesRequests = Add(new MultiLabelCounter(
            "shipper_kubernetes_requests_total", "Requests to the Kubernetes API server by resource, verb and HTTP status, error or timeout.", "resource", "verb", "status"));
        KubernetesSkippedObjects = Counter("shipper_kubernetes_skipped_objects_total", "Kubernetes objects that were skipped, by reason.", "reason");
        PushDuration = Add(new Histogram(
            "shipper_push_duration_seconds", "Time from the start of a push request to Loki's response, in seconds.",
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60));
        Add(new Gauge("shipper_last_push_success_timestamp_seconds", "Unix time at which Loki last accepted a push request, in seconds; 0 before the first.", () => Volatile.Read(ref _lastPushSuccess)));
        Add(new Gauge("shipper_config_last_reload_successful", "1 if the last configuration reload succeeded or there was none, 0 if it was refused.", () => _isReloadRefused ? 0 : 1));
        Add(new BuildInfo());

        // A series that starts at 0 shows its first event as an increase.
        DroppedRecords.Show(DropReasons.All);
        LostBytes.Show(LossReasons.All);
        RetimedRecords.Show(RetimeReasons.All);
        ConfigReloads.Show(ReloadResults.All);
        KubernetesSkippedObjects.Show(SkipReasons.All);
        AnnotationErrors.Show(AnnotationErrorReasons.All);
        FileErrors.Show(FileErrorReasons.All);
        PushRequests.Show(UsualPushStatuses);
        LabelsAdjusted.Show(LabelAdjustments);
        CheckpointErrors.Show(CheckpointOperations);
        _all.AddRange(ProcessMetrics.All);
    }

    public Counter ReadBytes { get; }

    public Counter ReadRecords { get; }

    public Counter RereadRecords { get; }

    public Counter SentRecords { get; }

    public Counter SentBytes { get; }

    public Counter DroppedRecords { get; }

    public MultiLabelCounter ProcessedRecords { get; }

    public Counter LimitedBytes { get; }

    public Counter LevelRecords { get; }

    public Counter LostBytes { get; }

    public Counter NulBytes { get; }

    public Counter TruncatedRecords { get; }

    public Counter TruncatedFiles { get; }

    public Counter FileErrors { get; }

    public Counter LabelsAdjusted { get; }

    public Counter AnnotationErrors { get; }

    public Counter MetadataMissing { get; }

    public Counter JournalErrors { get; }

    public Counter JournalMissingEntries { get; }

    public Counter JournalDamagedEntries { get; }

    public Counter PushRequests { get; }

    public Counter PushRetries { get; }

    public Counter RetimedRecords { get; }

    public Counter MetadataOmitted { get; }

    public Counter PossibleDuplicates { get; }

    public Counter CheckpointErrors { get; }

    private Counter ConfigReloads { get; }

    public Counter InternalErrors { get; }

    public MultiLabelCounter KubernetesRequests { get; }

    public Counter KubernetesSkippedObjects { get; }

    public Histogram PushDuration { get; }

    /// <summary>Counts records as read or, after <see cref="CountRewound"/>, as read again.</summary>
    /// <returns>The number of records read for the first time.</returns>
    public long CountRead(string source, long records)
    {
        long again;
        lock (_rewound)
        {
            again = Math.Min(records, _rewound.GetValueOrDefault(source));
            _rewound[source] = _rewound.GetValueOrDefault(source) - again;
        }

        ReadRecords.Add(source, records - again);
        RereadRecords.Add(source, again);
        return records - again;
    }

    /// <summary>Records the time at which Loki accepted a push request.</summary>
    public void RecordPushSuccess(DateTimeOffset at) => Volatile.Write(ref _lastPushSuccess, at.ToUnixTimeMilliseconds() / 1000.0);

    /// <summary>Counts a configuration reload.</summary>
    /// <param name="isRefused">True if the new configuration was refused, false if it took effect.</param>
    public void CountReload(bool isRefused)
    {
        _isReloadRefused = isRefused;
        ConfigReloads.Add(isRefused ? ReloadResults.Failure : ReloadResults.Success, 1);
    }

    /// <summary>Counts records that were read but will not be sent now: the agent will read them again.</summary>
    public void CountRewound(string source, long records)
    {
        lock (_rewound)
        {
            _rewound[source] = _rewound.GetValueOrDefault(source) + records;
        }
    }

    /// <summary>Adds a gauge that reads its value from the running agent. It replaces the gauge of the same name that the previous agent added.</summary>
    public void AddGauge(string name, string help, Func<double> read)
    {
        lock (_all)
        {
            _all.RemoveAll(metric => metric.Name == name);
            Add(new Gauge(name, help, read));
        }
    }

    /// <summary>Writes all metrics in the Prometheus text format.</summary>
    public string ToPrometheusText()
    {
        var text = new PrometheusText();
        lock (_all)
        {
            _all.ForEach(text.WriteFamily);
        }

        return text.ToString();
    }

    private Counter Counter(string name, string help, string? label = null) => Add(new Counter(name, help, label));

    private T Add<T>(T metric)
        where T : Metric
    {
        _all.Add(metric);
        return metric;
    }
}
