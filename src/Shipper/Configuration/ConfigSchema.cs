using System.Text.Json;
using System.Text.Json.Nodes;
using Shipper.Agents;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Loki;
using Shipper.Processing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>Every key of the configuration file, in display order.</summary>
internal static class ConfigSchema
{
    private static readonly ConfigSection<ContainerSourceOptions> Containers = new(
        new ValueKey<ContainerSourceOptions, bool>("enabled", "Read container logs.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new TextListKey<ContainerSourceOptions>("include", "Globs of the files to read, or of symbolic links to them.", o => o.Include, (o, v) => o.Include = v, Checks.Glob),
        new TextListKey<ContainerSourceOptions>("exclude", "Globs of files to exclude.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.Glob),
        new ValueKey<ContainerSourceOptions, TimeSpan>(
            "scanInterval", "Maximum delay until a new file is found.",
            new DurationKind(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)), o => o.ScanInterval, (o, v) => o.ScanInterval = v),
        StartAt<ContainerSourceOptions>(o => o.Tailer, "records"),
        MaxLineSize<ContainerSourceOptions>(o => o.Tailer),
        LongLines<ContainerSourceOptions>(o => o.Tailer),
        new ValueKey<ContainerSourceOptions, long>(
            "heldBytes", "Upper bound of deleted files, from all sources, that stay open until Loki has acknowledged them; beyond it, the one written to least recently is closed and counted as lost.",
            new SizeKind(0, 1L << 50), o => o.Tailer.HeldBytes, (o, v) => o.Tailer.HeldBytes = v));

    private static readonly ConfigSection<JournalOptions> Journal = new(
        new ValueKey<JournalOptions, bool>("enabled", "Read the systemd journal.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new TextListKey<JournalOptions>("directories", "Directories that contain journal files.", o => o.Directories, (o, v) => o.Directories = v, Checks.JournalDirectory),
        new TextListKey<JournalOptions>("units", "Globs of the units to read (kubelet also means kubelet.service); if empty, all units are read.", o => o.Units, (o, v) => o.Units = v, Checks.UnitGlob),
        new TextListKey<JournalOptions>("exclude", "Globs of units to exclude.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.UnitGlob),
        new ValueKey<JournalOptions, TimeSpan>(
            "since", "How far back to start reading when the agent first starts.", new DurationKind(TimeSpan.Zero, TimeSpan.FromHours(168)), o => o.Since, (o, v) => o.Since = v));

    private static readonly ConfigSection<FileSourceOptions> File = new([
        new TextListKey<FileSourceOptions>("include", "Globs of the files to read.", o => o.Include, (o, v) => o.Include = v, Checks.Glob),
        new TextListKey<FileSourceOptions>("exclude", "Globs of files to exclude.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.Glob),
        StartAt<FileSourceOptions>(o => o.Tailer, "files"),
        MaxLineSize<FileSourceOptions>(o => o.Tailer),
        LongLines<FileSourceOptions>(o => o.Tailer),
        new TextMapKey<FileSourceOptions>("labels", "Additional stream labels for these files.", o => o.Labels, Checks.StaticLabel),
        .. ProcessingSchema.FileKeys]);

    private static readonly ConfigSection<AgentOptions> Sources = new(
        new SectionKey<AgentOptions, ContainerSourceOptions>("containers", "Container logs.", o => o.Containers, Containers),
        new SectionKey<AgentOptions, JournalOptions>("journal", "The systemd journal.", o => o.Journal, Journal),
        new SectionListKey<AgentOptions, FileSourceOptions>("files", "Other log files.", o => o.Files, File));

    private static readonly ConfigSection<NamespaceOptions> Namespaces = new(
        new TextListKey<NamespaceOptions>("include", "Globs of the namespaces whose logs are sent.", o => o.Include, (o, v) => o.Include = v, Checks.NamespaceGlob),
        new TextListKey<NamespaceOptions>("exclude", "Globs of namespaces to exclude.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.NamespaceGlob));

    private static readonly ConfigSection<AnnotationOptions> Annotations = new(
        new TextListKey<AnnotationOptions>(
            "allow", "Globs of the annotations that pods may use, without shipper.io/; if empty, pods may use none.", o => o.Allow, (o, v) => o.Allow = v, RecordChecks.Annotation),
        new ValueKey<AnnotationOptions, bool>(
            "namespaces", "Use the annotations of a namespace as defaults for its pods.", new FlagKind(), o => o.Namespaces, (o, v) => o.Namespaces = v),
        new ValueKey<AnnotationOptions, bool>(
            "foreign", "Also follow the annotations of other log agents.", new FlagKind(), o => o.Foreign, (o, v) => o.Foreign = v));

    private static readonly ConfigSection<KubernetesOptions> Kubernetes = new(
        new ValueKey<KubernetesOptions, bool>("enabled", "Query the API server; if false, labels come from file names only.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new ValueKey<KubernetesOptions, string>("kubeconfig", "Path of a kubeconfig file; if empty, the pod's service account is used.", new TextKind("a path", Checks.FilePath), o => o.Kubeconfig, (o, v) => o.Kubeconfig = v),
        new SectionKey<KubernetesOptions, NamespaceOptions>("namespaces", "Namespaces whose logs are sent.", o => o.Namespaces, Namespaces),
        new ValueKey<KubernetesOptions, UnknownPodAction>(
            "whenUnknown", "What to do with the logs of a pod that the API server has not returned yet: send them (ship), or wait (hold).", new ChoiceKind<UnknownPodAction>(), o => o.WhenUnknown, (o, v) => o.WhenUnknown = v),
        new TextMapKey<KubernetesOptions>("labels", "Stream labels from pod labels, annotations and other metadata, such as app: \"label:app.kubernetes.io/name\".", o => o.Labels, Checks.PodLabel),
        new TextMapKey<KubernetesOptions>("structuredMetadata", "Structured metadata from the same sources, such as pod_uid: podUid.", o => o.StructuredMetadata, Checks.PodMetadata),
        new SectionKey<KubernetesOptions, AnnotationOptions>("annotations", "What pods may ask for with annotations.", o => o.Annotations, Annotations));

    private static readonly ConfigSection<BasicAuthOptions> BasicAuth = new(
        new ValueKey<BasicAuthOptions, string>("username", "User name; if empty, basic authentication is off.", new TextKind("a user name", Checks.Username), o => o.Username, (o, v) => o.Username = v),
        new ValueKey<BasicAuthOptions, string>("passwordFile", "File that contains the password; it is read again for each push.", new TextKind("a path", Checks.FilePath), o => o.PasswordFile, (o, v) => o.PasswordFile = v));

    private static readonly ConfigSection<TlsOptions> Tls = new(
        new ValueKey<TlsOptions, string>("caFile", "PEM file with the CA certificates to trust instead of the system's.", new TextKind("a path", Checks.FilePath), o => o.CaFile, (o, v) => o.CaFile = v),
        new ValueKey<TlsOptions, string>("certFile", "PEM file with the client certificate.", new TextKind("a path", Checks.FilePath), o => o.CertFile, (o, v) => o.CertFile = v),
        new ValueKey<TlsOptions, string>("keyFile", "PEM file with the private key of the client certificate.", new TextKind("a path", Checks.FilePath), o => o.KeyFile, (o, v) => o.KeyFile = v),
        new ValueKey<TlsOptions, string>("serverName", "Name that the server's certificate must have, if it is not the host of the URL; it is also sent as the Host header.", new TextKind(), o => o.ServerName, (o, v) => o.ServerName = v),
        new ValueKey<TlsOptions, bool>("insecureSkipVerify", "Accept any server certificate.", new FlagKind(), o => o.InsecureSkipVerify, (o, v) => o.InsecureSkipVerify = v));

    private static readonly ConfigSection<BatchOptions> Batch = new(
        new ValueKey<BatchOptions, long>(
            "size", "Uncompressed size at which a batch is sent; together with maxLineSize it must stay below 3.5 MiB.", new SizeKind(1024, BatchOptions.MaxRequestBytes), o => o.Size, (o, v) => o.Size = v),
        new ValueKey<BatchOptions, TimeSpan>(
            "wait", "Maximum wait before a partial batch is sent.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)), o => o.Wait, (o, v) => o.Wait = v));

    private static readonly ConfigSection<RetryOptions> Retry = new(
        new ValueKey<RetryOptions, TimeSpan>(
            "initial", "Maximum delay before the first retry; it doubles with each failure, up to loki.retry.max.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), o => o.Initial, (o, v) => o.Initial = v),
        new ValueKey<RetryOptions, TimeSpan>(
            "max", "Maximum delay before any retry.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), o => o.Max, (o, v) => o.Max = v),
        new ValueKey<RetryOptions, int>(
            "limit", "Number of retries before a batch is dropped; 0 means no limit.", new NumberKind(0, 1_000_000), o => o.Limit, (o, v) => o.Limit = v));

    private static readonly ConfigSection<LokiOptions> Loki = new(
        new ValueKey<LokiOptions, Uri>("url", "Address of Loki; /loki/api/v1/push is added unless a path is given.", new UrlKind(), o => o.Url, (o, v) => o.Url = v),
        new ValueKey<LokiOptions, string>("tenant", "Tenant ID, sent as X-Scope-OrgID.", new TextKind("a tenant", Checks.Tenant), o => o.Tenant, (o, v) => o.Tenant = v),
        new TextMapKey<LokiOptions>("headers", "Additional request headers.", o => o.Headers, Checks.HttpHeader, isSecret: true),
        new SectionKey<LokiOptions, BasicAuthOptions>("basicAuth", "HTTP basic authentication.", o => o.BasicAuth, BasicAuth),
        new ValueKey<LokiOptions, string>("bearerTokenFile", "File that contains a bearer token; it is read again for each push.", new TextKind("a path", Checks.FilePath), o => o.BearerTokenFile, (o, v) => o.BearerTokenFile = v),
        new SectionKey<LokiOptions, TlsOptions>("tls", "TLS settings for the connection to Loki.", o => o.Tls, Tls),
        new SectionKey<LokiOptions, BatchOptions>("batch", "When a batch is sent.", o => o.Batch, Batch),
        new ValueKey<LokiOptions, TimeSpan>(
            "timeout", "Timeout of one request.", new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)), o => o.Timeout, (o, v) => o.Timeout = v),
        new SectionKey<LokiOptions, RetryOptions>("retry", "How failed pushes are retried.", o => o.Retry, Retry),
        new ValueKey<LokiOptions, bool>(
            "confirmResends", "After a lost response, ask Loki which records it already has, and resend only the others.", new FlagKind(), o => o.ConfirmResends, (o, v) => o.ConfirmResends = v),
        new ValueKey<LokiOptions, StructuredMetadata>(
            "structuredMetadata", "Whether to send structured metadata; auto omits it if Loki does not allow it, and tries again every 10 minutes.",
            new ChoiceKind<StructuredMetadata>(), o => o.StructuredMetadata, (o, v) => o.StructuredMetadata = v));

    private static readonly ConfigSection<AgentOptions> Buffer = new(
        new ValueKey<AgentOptions, long>(
            "memory", "Upper bound of the data that is read but not yet acknowledged; reading pauses when it is reached.", new SizeKind(1024 * 1024, 1L << 40), o => o.BufferMemory, (o, v) => o.BufferMemory = v));

    private static readonly ConfigSection<StateOptions> State = new(
        new ValueKey<StateOptions, string>("path", "Directory for checkpoints and for copies of deleted files that are not sent yet; it must outlive the pod.", new TextKind("a directory", Checks.StateDirectory), o => o.Path, (o, v) => o.Path = v));

    private static readonly ConfigSection<AgentOptions> Server = new(
        new ValueKey<AgentOptions, string>("listen", "Address and port of the HTTP endpoints; without an address, the agent listens on all IPv4 and IPv6 addresses.", new TextKind("an address and a port", Checks.Listen), o => o.Listen, (o, v) => o.Listen = v),
        new ValueKey<AgentOptions, string>("grafana", "Address of Grafana, for links from the status page to queries; empty for no links. The data source needs the uid loki.", new TextKind("an address such as https://grafana.example.com", Checks.GrafanaAddress), o => o.Grafana, (o, v) => o.Grafana = v));

    private static readonly ConfigSection<AgentOptions> Log = new(
        new ValueKey<AgentOptions, OwnLogSeverity>("level", "Minimum level of the agent's own log.", new ChoiceKind<OwnLogSeverity>(), o => o.LogLevel, (o, v) => o.LogLevel = v),
        new ValueKey<AgentOptions, OwnLogFormat>("format", "Format of the agent's own log, on stderr; text if nothing is set and stderr is a terminal.", new ChoiceKind<OwnLogFormat>(), o => o.LogFormat ?? OwnLogFormat.Json, (o, v) => o.LogFormat = v));

    /// <summary>The whole file.</summary>
    public static ConfigSection<AgentOptions> Root { get; } = new(
        new ValueKey<AgentOptions, string>("cluster", "Value of the label cluster.", new TextKind("a name", Checks.RequiredLabelValue), o => o.Cluster, (o, v) => o.Cluster = v),
        new ValueKey<AgentOptions, string>("environment", "Value of the label environment.", new TextKind("a name", Checks.RequiredLabelValue), o => o.Environment, (o, v) => o.Environment = v),
        new ValueKey<AgentOptions, string>("node", "Value of the label node; the default is $NODE_NAME, or the host name if that is not set.", new TextKind("a name", Checks.LabelValue), o => o.Node, (o, v) => o.Node = v),
        new TextMapKey<AgentOptions>("labels", "Additional static stream labels.", o => o.Labels, Checks.StaticLabel),
        new SectionKey<AgentOptions, AgentOptions>("sources", "The logs to read.", o => o, Sources),
        new SectionKey<AgentOptions, KubernetesOptions>("kubernetes", "Metadata from the Kubernetes API server.", o => o.Kubernetes, Kubernetes),
        new SectionKey<AgentOptions, ProcessingOptions>("processing", "What happens to records on the node, in this order.", o => o.Processing, ProcessingSchema.Section),
        TestSchema.Key,
        new SectionKey<AgentOptions, LokiOptions>("loki", "The Loki that receives the logs.", o => o.Loki, Loki),
        new SectionKey<AgentOptions, AgentOptions>("buffer", "The buffer in memory.", o => o, Buffer),
        new SectionKey<AgentOptions, StateOptions>("state", "State that survives restarts.", o => o.State, State),
        new SectionKey<AgentOptions, AgentOptions>("server", "The HTTP endpoints.", o => o, Server),
        new SectionKey<AgentOptions, AgentOptions>("log", "The agent's own log.", o => o, Log));

    /// <summary>Returns the JSON Schema of the configuration file.</summary>
    public static string ToJsonSchema()
    {
        JsonObject schema = Root.Describe(new AgentOptions());
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Shipper configuration");
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>Returns the effective configuration as YAML, without secrets.</summary>
    public static string ToYaml(AgentOptions options)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Root.Write(options, emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static ValueKey<T, StartAt> StartAt<T>(Func<T, TailerOptions> get, string skipped) => new(
        "startAt", $"Where to start in files that exist when the agent first starts; a duration such as 1h skips older {skipped}.", new StartAtKind(), o => get(o).StartAt, (o, v) => get(o).StartAt = v);

    private static ValueKey<T, long> MaxLineSize<T>(Func<T, TailerOptions> get) => new(
        "maxLineSize", "Maximum size of a line as sent, including the marker of a truncated line.",
        new SizeKind(Processing.LineSanitizer.MinLineBytes, BatchOptions.MaxRequestBytes), o => get(o).MaxLineBytes, (o, v) => get(o).MaxLineBytes = (int)v);

    private static ValueKey<T, LongLineAction> LongLines<T>(Func<T, TailerOptions> get) => new(
        "longLines", "What to do with longer lines: send the beginning (truncate), or drop them (skip).", new ChoiceKind<LongLineAction>(), o => get(o).LongLines, (o, v) => get(o).LongLines = v);
}
