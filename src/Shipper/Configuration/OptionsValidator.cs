using Shipper.Batching;
using Shipper.Files;
using Shipper.Loki;

namespace Shipper.Configuration;

/// <summary>Checks what concerns several keys together.</summary>
internal static class OptionsValidator
{
    /// <summary>cluster, environment, namespace, pod, container, node.</summary>
    private const int OwnLabelCount = 6;

    /// <summary>cluster, environment, node, filename.</summary>
    private const int FileLabelCount = 4;

    public static void Validate(AgentOptions options, ConfigBinder binder)
    {
        ValidateLabels(options, binder);
        ValidateSources(options, binder);
        ValidateLoki(options, binder);
        ValidateMemory(options, binder);
    }

    private static void ValidateLabels(AgentOptions options, ConfigBinder binder)
    {
        int names = OwnLabelCount + options.Labels.Count;
        if (names > StreamLabels.MaxNames)
        {
            binder.Add("labels", $"with these a stream has {names} labels, and Loki takes {StreamLabels.MaxNames}; remove some");
            return;
        }

        if (options.Kubernetes.Namespaces.Include.Count == 0)
        {
            binder.Add("kubernetes.namespaces.include", "kubernetes.namespaces.include is empty, so that nothing of any container would be sent; write [\"*\"] for all");
        }

        int withPods = names + options.Kubernetes.Labels.Count(label => !options.Labels.ContainsKey(label.Key));
        if (withPods > StreamLabels.MaxNames)
        {
            binder.AddWarning(
                "kubernetes.labels",
                $"a pod that has all of these would get {withPods} labels, and Loki takes {StreamLabels.MaxNames}; the last ones become structured metadata then");
        }
    }

    private static void ValidateSources(AgentOptions options, ConfigBinder binder)
    {
        if (options.Containers.Enabled && options.Containers.Include.Count == 0)
        {
            binder.Add("sources.containers.include", "sources.containers.include is empty; name what to read, or set sources.containers.enabled: false");
        }

        for (int i = 0; i < options.Files.Count; i++)
        {
            FileSourceOptions file = options.Files[i];
            if (file.Include.Count == 0)
            {
                binder.Add($"sources.files[{i}]", $"sources.files[{i}].include is empty; name what to read, or remove the entry");
            }

            int names = FileLabelCount + options.Labels.Keys.Concat(file.Labels.Keys).Distinct().Count();
            if (names > StreamLabels.MaxNames)
            {
                binder.Add($"sources.files[{i}].labels", $"with these a stream has {names} labels, and Loki takes {StreamLabels.MaxNames}; remove some");
            }

            ValidateLineSize($"sources.files[{i}].maxLineSize", file.Tailer.MaxLineBytes, options, binder);
        }

        ValidateLineSize("sources.containers.maxLineSize", options.Containers.Tailer.MaxLineBytes, options, binder);
    }

    private static void ValidateLineSize(string key, int maxLineBytes, AgentOptions options, ConfigBinder binder)
    {
        if (options.Loki.Batch.Size + maxLineBytes >= BatchOptions.MaxRequestBytes && !binder.IsWrong(key) && !binder.IsWrong("loki.batch.size"))
        {
            binder.Add(
                key,
                $"{key} ({Units.FormatSize(maxLineBytes)}) and loki.batch.size ({Units.FormatSize(options.Loki.Batch.Size)}) together must stay below 3.5MiB: Loki refuses larger requests");
        }
    }

    private static void ValidateLoki(AgentOptions options, ConfigBinder binder)
    {
        if (options.Loki.BasicAuth.Username.Length > 0 && options.Loki.BearerTokenFile.Length > 0)
        {
            binder.Add("loki.bearerTokenFile", "loki.bearerTokenFile and loki.basicAuth exclude each other; remove one");
        }

        if (options.Loki.BasicAuth.Username.Length == 0 && options.Loki.BasicAuth.PasswordFile.Length > 0)
        {
            binder.Add("loki.basicAuth.passwordFile", "loki.basicAuth.passwordFile needs loki.basicAuth.username");
        }

        if (options.Loki.Tls.KeyFile.Length > 0 && options.Loki.Tls.CertFile.Length == 0)
        {
            binder.Add("loki.tls.keyFile", "loki.tls.keyFile needs loki.tls.certFile");
        }

        if (options.Loki.Tenant.Length > 0 && options.Loki.Headers.Keys.FirstOrDefault(LokiOptions.IsTenantHeader) is { } header)
        {
            binder.Add($"loki.headers.{header}", $"loki.headers.{header} and loki.tenant are the same header; remove one");
        }

        if (options.Loki.Retry.Initial > options.Loki.Retry.Max && !binder.IsWrong("loki.retry.initial") && !binder.IsWrong("loki.retry.max"))
        {
            binder.Add("loki.retry.initial", "loki.retry.initial must not be longer than loki.retry.max");
        }
    }

    private static void ValidateMemory(AgentOptions options, ConfigBinder binder)
    {
        long needed = Agent.MinMemoryBytes(options);
        if (needed > options.BufferMemory && !binder.IsWrong("buffer.memory"))
        {
            const long MiB = 1024 * 1024;
            binder.Add(
                "buffer.memory",
                $"buffer.memory ({Units.FormatSize(options.BufferMemory)}) is too small for loki.batch.size and maxLineSize, which need {(needed + MiB - 1) / MiB}MiB; raise it or lower them");
        }
    }
}
