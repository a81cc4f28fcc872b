using System.Globalization;
using Microsoft.AspNetCore.Http;
using Shipper.Testing;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>An API server that knows the pods of the workload, and the configuration that asks it for labels and metadata.</summary>
internal sealed class PodApi : IDisposable
{
    private readonly MiniServer _server;
    private readonly string _list;

    public PodApi(int pods)
    {
        _server = new MiniServer(HandleAsync);
        string items = string.Join(',', Enumerable.Range(0, pods).Select(Pod));
        _list = $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1000"},"items":[{{items}}]}""";
    }

    public Task StartAsync() => _server.StartAsync();

    /// <summary>Writes a kubeconfig, and gives the section of the agent's configuration.</summary>
    public string Configure(string root)
    {
        string kubeconfig = Path.Combine(root, "kubeconfig");
        File.WriteAllText(kubeconfig, $$$"""
            current-context: bench
            contexts: [{name: bench, context: {cluster: bench, user: agent}}]
            clusters: [{name: bench, cluster: {server: "{{{_server.Address}}}"}}]
            users: [{name: agent, user: {token: none}}]
            """);
        return $$"""
            kubernetes:
              kubeconfig: {{kubeconfig}}
              labels: {app: "label:app.kubernetes.io/name", owner: owner.name}
              structuredMetadata: {pod_uid: podUid, image: image}
            """;
    }

    public void Dispose() => _server.Dispose();

    private static string Pod(int number) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"metadata":{"name":"bench-{{{number}}}","namespace":"load","uid":"00000000-0000-4000-8000-{{{number:D12}}}","labels":{"app.kubernetes.io/name":"bench","pod-template-hash":"7549799c69"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"bench-7549799c69","uid":"1","controller":true}]},"spec":{"nodeName":"n","containers":[{"name":"main","image":"registry.example.com/shop/bench:2.14.0"}]},"status":{"phase":"Running"}}
        """);

    private async Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Query["watch"] != "1")
        {
            await context.Response.WriteAsync(_list);
            return;
        }

        await context.Response.StartAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
