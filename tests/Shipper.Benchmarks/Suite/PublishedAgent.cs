using System.Diagnostics;
using System.Globalization;

namespace Shipper.Benchmarks.Suite;

/// <summary>The published agent, configured with labels and metadata from the API server.</summary>
/// <param name="binary">Path of the program.</param>
/// <param name="name">The name in the results.</param>
internal sealed class PublishedAgent(string binary, string name = "shipper") : MeasuredAgent(name)
{
    public string Binary { get; } = Path.GetFullPath(binary);

    public override bool IsOurs => true;

    /// <summary>True if each line also carries the UID and the image of its pod.</summary>
    public bool HasMetadata { get; init; } = true;

    /// <summary>What happens to the records.</summary>
    public ProcessingSetting Processing { get; init; } = ProcessingSetting.Defaults;

    /// <summary>Returns the output of its command <c>version</c>, in one line.</summary>
    public async Task<string> ReadVersionAsync()
    {
        using Process process = Process.Start(new ProcessStartInfo(Binary, ["version"]) { RedirectStandardOutput = true })!;
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return string.Join(", ", text.Replace("  ", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    public override string Prepare(AgentSetting setting)
    {
        string kubeconfig = Path.Combine(setting.State, "kubeconfig");
        File.WriteAllText(kubeconfig, $$$"""
            current-context: bench
            contexts: [{name: bench, context: {cluster: bench, user: agent}}]
            clusters: [{name: bench, cluster: {server: "{{{setting.Api}}}"}}]
            users: [{name: agent, user: {token: none}}]
            """);
        string config = Path.Combine(setting.State, "shipper.yaml");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $$"""
            sources:
              containers:
                enabled: {{(setting.IsJournal ? "false" : "true")}}
                include: ["{{setting.Root}}/containers/*.log"]
              journal:
                enabled: {{(setting.IsJournal ? "true" : "false")}}
                directories: ["{{setting.Root}}/journal"]
                since: 168h
            kubernetes:
              kubeconfig: {{kubeconfig}}
              labels: {app: "label:app.kubernetes.io/name", owner: owner.name}
              structuredMetadata: {{(HasMetadata ? "{pod_uid: podUid, image: image}" : "{}")}}
            loki:
              url: "{{setting.Receiver}}"
              batch: {wait: {{setting.BatchWait.TotalMilliseconds}}ms}
            state:
              path: "{{setting.State}}/state"
            server:
              listen: "127.0.0.1:{{setting.Port}}"
            log:
              level: warn
              format: text
            {{Processing.Yaml}}
            """));
        return $"exec '{Binary}' run --config '{config}'";
    }
}
