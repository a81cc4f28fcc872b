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

/// <summary>Every key of the configuration file, in the order in which it is shown.</summary>
internal static class ConfigSchema
{
    private static readonly ConfigSection<ContainerSourceOptions> Containers = new(
        new ValueKey<ContainerSourceOptions, bool>("enabled", "Read the logs of containers.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new TextListKey<ContainerSourceOptions>("include", "Globs of the files to read, or of links to them.", o => o.Include, (o, v) => o.Include = v, Checks.Glob),
        new TextListKey<ContainerSourceOptions>("exclude", "Globs of what is left out of them.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.Glob),
        new ValueKey<ContainerSourceOptions, TimeSpan>(
            "scanInterval", "How soon a new file is found at the latest.",
            new DurationKind(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)), o => o.ScanInterval, (o, v) => o.ScanInterval = v),
        StartAt<ContainerSourceOptions>(o => o.Tailer),
        MaxLineSize<ContainerSourceOptions>(o => o.Tailer),
        LongLines<ContainerSourceOptions>(o => o.Tailer),
        new ValueKey<ContainerSourceOptions, long>(
            "heldBytes", "Unread files that were deleted are held open up to this many bytes on the disk; then the oldest is let go and counted as lost.",
            new SizeKind(0, 1L << 50), o => o.Tailer.HeldBytes, (o, v) => o.Tailer.HeldBytes = v));

    private static readonly ConfigSection<JournalOptions> Journal = new(
        new ValueKey<JournalOptions, bool>("enabled", "Read the systemd journal.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new TextListKey<JournalOptions>("directories", "Directories of journal files.", o => o.Directories, (o, v) => o.Directories = v, Checks.JournalDirectory),
        new TextListKey<JournalOptions>("units", "Globs of the units to read; empty: all. kubelet is kubelet.service.", o => o.Units, (o, v) => o.Units = v, Checks.UnitGlob),
        new TextListKey<JournalOptions>("exclude", "Globs of the units to leave out.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.UnitGlob),
        new ValueKey<JournalOptions, TimeSpan>(
            "since", "How far back to begin on the first start.", new DurationKind(TimeSpan.Zero, TimeSpan.FromHours(168)), o => o.Since, (o, v) => o.Since = v));

    private static readonly ConfigSection<FileSourceOptions> File = new(
        new TextListKey<FileSourceOptions>("include", "Globs of the files to read.", o => o.Include, (o, v) => o.Include = v, Checks.Glob),
        new TextListKey<FileSourceOptions>("exclude", "Globs of what is left out of them.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.Glob),
        StartAt<FileSourceOptions>(o => o.Tailer),
        MaxLineSize<FileSourceOptions>(o => o.Tailer),
        LongLines<FileSourceOptions>(o => o.Tailer),
        new TextMapKey<FileSourceOptions>("labels", "Stream labels of these files.", o => o.Labels, Checks.StaticLabel));

    private static readonly ConfigSection<AgentOptions> Sources = new(
        new SectionKey<AgentOptions, ContainerSourceOptions>("containers", "The logs of containers.", o => o.Containers, Containers),
        new SectionKey<AgentOptions, JournalOptions>("journal", "The systemd journal.", o => o.Journal, Journal),
        new SectionListKey<AgentOptions, FileSourceOptions>("files", "Any other log files.", o => o.Files, File));

    private static readonly ConfigSection<NamespaceOptions> Namespaces = new(
        new TextListKey<NamespaceOptions>("include", "Globs of namespaces to send.", o => o.Include, (o, v) => o.Include = v, Checks.NamespaceGlob),
        new TextListKey<NamespaceOptions>("exclude", "Globs of namespaces to leave out of them.", o => o.Exclude, (o, v) => o.Exclude = v, Checks.NamespaceGlob));

    private static readonly ConfigSection<KubernetesOptions> Kubernetes = new(
        new ValueKey<KubernetesOptions, bool>("enabled", "Ask the API server; without it labels come from file names alone.", new FlagKind(), o => o.Enabled, (o, v) => o.Enabled = v),
        new ValueKey<KubernetesOptions, string>("kubeconfig", "Path of a kubeconfig; empty: in-cluster.", new TextKind("a path", Checks.FilePath), o => o.Kubeconfig, (o, v) => o.Kubeconfig = v),
        new SectionKey<KubernetesOptions, NamespaceOptions>("namespaces", "Which namespaces' logs are sent.", o => o.Namespaces, Namespaces),
        new ValueKey<KubernetesOptions, UnknownPod>(
            "whenUnknown", "What happens to the logs of a pod whose annotations could not be read yet.", new ChoiceKind<UnknownPod>(), o => o.WhenUnknown, (o, v) => o.WhenUnknown = v),
        new TextMapKey<KubernetesOptions>("labels", "Stream labels from pod labels, annotations and other facts, as in app: \"label:app.kubernetes.io/name\".", o => o.Labels, Checks.PodLabel),
        new TextMapKey<KubernetesOptions>("structuredMetadata", "The same, as structured metadata, as in pod_uid: podUid.", o => o.StructuredMetadata, Checks.PodMetadata));

    private static readonly ConfigSection<BasicAuthOptions> BasicAuth = new(
        new ValueKey<BasicAuthOptions, string>("username", "User name; empty: no basic authentication.", new TextKind("a user name", Checks.Username), o => o.Username, (o, v) => o.Username = v),
        new ValueKey<BasicAuthOptions, string>("passwordFile", "File with the password, read again for each push.", new TextKind("a path", Checks.FilePath), o => o.PasswordFile, (o, v) => o.PasswordFile = v));

    private static readonly ConfigSection<TlsOptions> Tls = new(
        new ValueKey<TlsOptions, string>("caFile", "PEM file of the authorities to trust instead of the system's.", new TextKind("a path", Checks.FilePath), o => o.CaFile, (o, v) => o.CaFile = v),
        new ValueKey<TlsOptions, string>("certFile", "PEM file of the client certificate.", new TextKind("a path", Checks.FilePath), o => o.CertFile, (o, v) => o.CertFile = v),
        new ValueKey<TlsOptions, string>("keyFile", "PEM file of its private key.", new TextKind("a path", Checks.FilePath), o => o.KeyFile, (o, v) => o.KeyFile = v),
        new ValueKey<TlsOptions, string>("serverName", "Name that the server's certificate must have, if it is not the URL's.", new TextKind(), o => o.ServerName, (o, v) => o.ServerName = v),
        new ValueKey<TlsOptions, bool>("insecureSkipVerify", "Accept any certificate.", new FlagKind(), o => o.InsecureSkipVerify, (o, v) => o.InsecureSkipVerify = v));

    private static readonly ConfigSection<BatchOptions> Batch = new(
        new ValueKey<BatchOptions, long>(
            "size", "Uncompressed bytes of one request; with one line of the largest size below 3.5 MiB.", new SizeKind(1024, BatchOptions.MaxRequestBytes), o => o.Size, (o, v) => o.Size = v),
        new ValueKey<BatchOptions, TimeSpan>(
            "wait", "The longest wait before a partial batch goes.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)), o => o.Wait, (o, v) => o.Wait = v));

    private static readonly ConfigSection<RetryOptions> Retry = new(
        new ValueKey<RetryOptions, TimeSpan>(
            "initial", "Upper bound of the first wait; it doubles with each failure.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), o => o.Initial, (o, v) => o.Initial = v),
        new ValueKey<RetryOptions, TimeSpan>(
            "max", "The largest bound.", new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), o => o.Max, (o, v) => o.Max = v),
        new ValueKey<RetryOptions, int>(
            "limit", "Repetitions before a batch is dropped; 0: for as long as the source is still there.", new NumberKind(0, 1_000_000), o => o.Limit, (o, v) => o.Limit = v));

    private static readonly ConfigSection<LokiOptions> Loki = new(
        new ValueKey<LokiOptions, Uri>("url", "Address of Loki; /loki/api/v1/push is added unless a path is given.", new UrlKind(), o => o.Url, (o, v) => o.Url = v),
        new ValueKey<LokiOptions, string>("tenant", "Tenant, sent as X-Scope-OrgID.", new TextKind("a tenant", Checks.Tenant), o => o.Tenant, (o, v) => o.Tenant = v),
        new TextMapKey<LokiOptions>("headers", "More request headers.", o => o.Headers, Checks.Header, isSecret: true),
        new SectionKey<LokiOptions, BasicAuthOptions>("basicAuth", "HTTP basic authentication.", o => o.BasicAuth, BasicAuth),
        new ValueKey<LokiOptions, string>("bearerTokenFile", "File with a bearer token, read again for each push.", new TextKind("a path", Checks.FilePath), o => o.BearerTokenFile, (o, v) => o.BearerTokenFile = v),
        new SectionKey<LokiOptions, TlsOptions>("tls", "TLS towards Loki.", o => o.Tls, Tls),
        new SectionKey<LokiOptions, BatchOptions>("batch", "When a batch is sent.", o => o.Batch, Batch),
        new ValueKey<LokiOptions, TimeSpan>(
            "timeout", "The longest that one request may take.", new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)), o => o.Timeout, (o, v) => o.Timeout = v),
        new SectionKey<LokiOptions, RetryOptions>("retry", "How a failed push is repeated.", o => o.Retry, Retry),
        new ValueKey<LokiOptions, bool>(
            "confirmResends", "After a lost answer, ask Loki whether the push arrived before sending it again.", new FlagKind(), o => o.ConfirmResends, (o, v) => o.ConfirmResends = v),
        new ValueKey<LokiOptions, StructuredMetadata>(
            "structuredMetadata", "Send structured metadata; auto leaves it out if Loki does not allow it, and tries again every 10 minutes.",
            new ChoiceKind<StructuredMetadata>(), o => o.StructuredMetadata, (o, v) => o.StructuredMetadata = v));

    private static readonly ConfigSection<AgentOptions> Buffer = new(
        new ValueKey<AgentOptions, long>(
            "memory", "Everything read and not yet acknowledged; reading pauses when it is full.", new SizeKind(1024 * 1024, 1L << 40), o => o.BufferMemory, (o, v) => o.BufferMemory = v));

    private static readonly ConfigSection<StateOptions> State = new(
        new ValueKey<StateOptions, string>("path", "Directory of the checkpoints. It must outlive the pod.", new TextKind("a directory", Checks.StateDirectory), o => o.Path, (o, v) => o.Path = v));

    private static readonly ConfigSection<AgentOptions> Server = new(
        new ValueKey<AgentOptions, string>("listen", "Address and port of /metrics, /healthz and /readyz; without an address, all of IPv4 and IPv6.", new TextKind("an address and a port", Checks.Listen), o => o.Listen, (o, v) => o.Listen = v));

    private static readonly ConfigSection<AgentOptions> Log = new(
        new ValueKey<AgentOptions, LogSeverity>("level", "Least severe level of the agent's own log.", new ChoiceKind<LogSeverity>(), o => o.LogLevel, (o, v) => o.LogLevel = v),
        new ValueKey<AgentOptions, LogFormat>("format", "Format of the agent's own log, on stderr.", new ChoiceKind<LogFormat>(), o => o.LogFormat, (o, v) => o.LogFormat = v));

    /// <summary>The whole file.</summary>
    public static ConfigSection<AgentOptions> Root { get; } = new(
        new ValueKey<AgentOptions, string>("cluster", "Label cluster.", new TextKind("a name", Checks.RequiredLabelValue), o => o.Cluster, (o, v) => o.Cluster = v),
        new ValueKey<AgentOptions, string>("environment", "Label environment.", new TextKind("a name", Checks.RequiredLabelValue), o => o.Environment, (o, v) => o.Environment = v),
        new ValueKey<AgentOptions, string>("node", "Label node; by default $NODE_NAME, else the host name.", new TextKind("a name", Checks.LabelValue), o => o.Node, (o, v) => o.Node = v),
        new TextMapKey<AgentOptions>("labels", "More static stream labels.", o => o.Labels, Checks.StaticLabel),
        new SectionKey<AgentOptions, AgentOptions>("sources", "What is read.", o => o, Sources),
        new SectionKey<AgentOptions, KubernetesOptions>("kubernetes", "What the API server adds.", o => o.Kubernetes, Kubernetes),
        new SectionKey<AgentOptions, LokiOptions>("loki", "Where everything is sent.", o => o.Loki, Loki),
        new SectionKey<AgentOptions, AgentOptions>("buffer", "What is held in memory.", o => o, Buffer),
        new SectionKey<AgentOptions, StateOptions>("state", "What is kept over restarts.", o => o.State, State),
        new SectionKey<AgentOptions, AgentOptions>("server", "The HTTP endpoints.", o => o, Server),
        new SectionKey<AgentOptions, AgentOptions>("log", "The agent's own log.", o => o, Log));

    /// <summary>The JSON Schema of the file.</summary>
    public static string ToJsonSchema()
    {
        JsonObject schema = Root.Describe(new AgentOptions());
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Configuration of shipper");
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>The effective configuration as YAML, secrets left out.</summary>
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

    private static ValueKey<T, StartAt> StartAt<T>(Func<T, TailerOptions> get) => new(
        "startAt", "Where to begin in the files that are there when the agent first starts.", new StartAtKind(), o => get(o).StartAt, (o, v) => get(o).StartAt = v);

    private static ValueKey<T, long> MaxLineSize<T>(Func<T, TailerOptions> get) => new(
        "maxLineSize", "The largest line that is sent, marker included.",
        new SizeKind(Processing.LineText.MinLineBytes, BatchOptions.MaxRequestBytes), o => get(o).MaxLineBytes, (o, v) => get(o).MaxLineBytes = (int)v);

    private static ValueKey<T, LongLines> LongLines<T>(Func<T, TailerOptions> get) => new(
        "longLines", "What becomes of longer lines.", new ChoiceKind<LongLines>(), o => get(o).LongLines, (o, v) => get(o).LongLines = v);
}
