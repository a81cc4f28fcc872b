namespace Shipper.Telemetry;

/// <summary>
/// Everything that <c>/metrics</c> shows. Counted locally and added here once per batch or event, never per line.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class AgentMetrics
{
    private readonly List<Metric> _all = [];

    // Records that were counted as read and will be read again, by source: that many of the next ones are not counted as read.
    private readonly Dictionary<string, long> _goneBack = new(StringComparer.Ordinal);

    private double _lastPushSuccess;
    private volatile bool _isReloadRefused;

    public AgentMetrics()
    {
        ReadBytes = Counter("shipper_read_bytes_total", "Bytes read from the sources, uncompressed. Bytes that are read again do not count.", "source");
        ReadRecords = Counter("shipper_read_records_total", "Records read from the sources. Each is sent, dropped or under way; those that are read again do not count.", "source");
        RereadRecords = Counter("shipper_reread_records_total", "Records read again, because Loki refused them for now or a new configuration came before its answer.", "source");
        SentRecords = Counter("shipper_sent_records_total", "Records that Loki acknowledged.");
        SentBytes = Counter("shipper_sent_bytes_total", "Compressed bytes of the requests that Loki acknowledged.");
        DroppedRecords = Counter("shipper_dropped_records_total", "Records that were read and will not be sent, by reason.", "reason");
        LostBytes = Counter("shipper_lost_bytes_total", "Bytes that were gone before they could be read, by reason.", "reason");
        NulBytes = Counter("shipper_nul_bytes_total", "NUL bytes skipped in log files: holes that a truncation left, or bytes that a power loss put in place of lines.", "source");
        TruncatedRecords = Counter("shipper_truncated_records_total", "Records that were cut to the largest line size.");
        TruncatedFiles = Counter("shipper_truncated_files_total", "Log files that were truncated while they were read.");
        FileErrors = Counter("shipper_file_errors_total", "Log files and directories that could not be read, by reason; each try counts.", "reason");
        LabelsAdjusted = Counter("shipper_labels_adjusted_total", "Labels and metadata of pods that were changed to fit Loki's limits: cut, moved to structured metadata, or left_out.", "how");
        MetadataMissing = Counter("shipper_metadata_missing_total", "Logs that were begun before the API server told of their pod.");
        JournalErrors = Counter("shipper_journal_errors_total", "Journals and files of them that could not be read, by reason.", "reason");
        JournalMissingEntries = Counter("shipper_journal_missing_entries_total", "Entries that journald has numbered and that were gone, or unreadable, before they were read.");
        JournalDamagedEntries = Counter("shipper_journal_damaged_entries_total", "Entries of the journal of which a field could not be read; the rest of them is sent.");
        PushRequests = Counter("shipper_push_requests_total", "Requests to Loki by their HTTP status, or error or timeout.", "status");
        PushRetries = Counter("shipper_push_retries_total", "Requests to Loki that were repeated.");
        RetimedRecords = Counter("shipper_retimed_records_total", "Records that were sent with another time because Loki would not take their own, by reason.", "reason");
        MetadataOmitted = Counter("shipper_metadata_omitted_records_total", "Records that were sent without their structured metadata, because Loki does not take it or it is switched off.");
        PossibleDuplicates = Counter("shipper_possible_duplicate_records_total", "Records sent again though Loki may have stored them.");
        CheckpointErrors = Counter("shipper_checkpoint_errors_total", "Failures to read or write checkpoints, by operation.", "operation");
        ConfigReloads = Counter("shipper_config_reloads_total", "Configuration reloads by result: success or failure.", "result");
        InternalErrors = Counter("shipper_internal_errors_total", "Errors that should not happen, each of which set back one stream.");
        KubernetesRequests = Add(new LabelledCounter(
            "shipper_kubernetes_requests_total", "Requests to the API server by their HTTP status, or error or timeout.", "resource", "verb", "status"));
        KubernetesSkippedObjects = Counter("shipper_kubernetes_skipped_objects_total", "Objects of the API server that were left out, by reason.", "reason");
        PushDuration = Add(new Histogram(
            "shipper_push_duration_seconds", "Time from the start of a request to its answer.",
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10));
        Add(new Gauge("shipper_last_push_success_timestamp_seconds", "When Loki last took a request, in seconds since 1970; 0 before the first.", () => Volatile.Read(ref _lastPushSuccess)));
        Add(new Gauge("shipper_config_last_reload_successful", "0 if the last reload was refused, else 1.", () => _isReloadRefused ? 0 : 1));
        Add(new BuildInfo());

        // Visible from the start, so that the first one is an increase. Files have too many reasons for that.
        foreach (string reason in DropReasons.All)
        {
            DroppedRecords.Add(reason, 0);
        }

        foreach (string reason in LossReasons.All)
        {
            LostBytes.Add(reason, 0);
        }

        foreach (string reason in RetimeReasons.All)
        {
            RetimedRecords.Add(reason, 0);
        }

        foreach (string result in ReloadResults.All)
        {
            ConfigReloads.Add(result, 0);
        }

        foreach (string reason in SkipReasons.All)
        {
            KubernetesSkippedObjects.Add(reason, 0);
        }

        _all.AddRange(ProcessMetrics.All);
    }

    public Counter ReadBytes { get; }

    public Counter ReadRecords { get; }

    public Counter RereadRecords { get; }

    public Counter SentRecords { get; }

    public Counter SentBytes { get; }

    public Counter DroppedRecords { get; }

    public Counter LostBytes { get; }

    public Counter NulBytes { get; }

    public Counter TruncatedRecords { get; }

    public Counter TruncatedFiles { get; }

    public Counter FileErrors { get; }

    public Counter LabelsAdjusted { get; }

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

    public LabelledCounter KubernetesRequests { get; }

    public Counter KubernetesSkippedObjects { get; }

    public Histogram PushDuration { get; }

    /// <summary>Counts records that were read, or read again.</summary>
    /// <returns>The number of records that were read for the first time.</returns>
    public long CountRead(string source, long records)
    {
        long again;
        lock (_goneBack)
        {
            again = Math.Min(records, _goneBack.GetValueOrDefault(source));
            _goneBack[source] = _goneBack.GetValueOrDefault(source) - again;
        }

        ReadRecords.Add(source, records - again);
        RereadRecords.Add(source, again);
        return records - again;
    }

    /// <summary>Loki took a request.</summary>
    public void PushSucceeded(DateTimeOffset at) => Volatile.Write(ref _lastPushSuccess, at.ToUnixTimeMilliseconds() / 1000.0);

    /// <summary>A changed configuration took effect, or was refused.</summary>
    public void CountReload(bool isRefused)
    {
        _isReloadRefused = isRefused;
        ConfigReloads.Add(isRefused ? ReloadResults.Failure : ReloadResults.Success, 1);
    }

    /// <summary>Notes that records are no longer under way, and will be read again.</summary>
    public void CountGoneBack(string source, long records)
    {
        lock (_goneBack)
        {
            _goneBack[source] = _goneBack.GetValueOrDefault(source) + records;
        }
    }

    /// <summary>Adds a gauge whose value only its owner knows. One of the same name goes: its owner was an agent whose place another one took.</summary>
    public void AddGauge(string name, string help, Func<double> read)
    {
        lock (_all)
        {
            _all.RemoveAll(metric => metric.Name == name);
            Add(new Gauge(name, help, read));
        }
    }

    /// <summary>Writes everything in the text format.</summary>
    public string Write()
    {
        var text = new PrometheusText();
        lock (_all)
        {
            _all.ForEach(text.Family);
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
