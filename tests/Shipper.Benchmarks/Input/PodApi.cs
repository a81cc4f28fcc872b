using System.Globalization;
using Microsoft.AspNetCore.Http;
using Shipper.Testing;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// An API server that has the pods of the input. It serves lists and single pods, as agents request them; a watch sends nothing.
/// </summary>
internal sealed class PodApi : IDisposable
{
    private const string Node = """{"kind":"Node","apiVersion":"v1","metadata":{"name":"node-1","uid":"node-1","labels":{"kubernetes.io/hostname":"node-1"}},"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}]}}""";
    private const string Namespace = """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"load","uid":"load","labels":{"kubernetes.io/metadata.name":"load"}}}""";

    private readonly LoopbackServer _server;
    private readonly Dictionary<string, string> _pods;

    public PodApi(int pods)
    {
        _server = new LoopbackServer(HandleAsync);
        _pods = Enumerable.Range(0, pods).ToDictionary(LogDirectory.PodName, Pod, StringComparer.Ordinal);
    }

    public Uri Address => _server.Address;

    public Task StartAsync() => _server.StartAsync();

    public void Dispose() => _server.Dispose();

    private static string Pod(int file)
    {
        string name = LogDirectory.PodName(file);
        return string.Create(CultureInfo.InvariantCulture, $$$$"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{{name}}}}","namespace":"load","uid":"{{{{LogDirectory.PodUid(file)}}}}","resourceVersion":"1000","labels":{"app.kubernetes.io/name":"bench","pod-template-hash":"7549799c69"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"bench-7549799c69","uid":"1","controller":true}]},"spec":{"nodeName":"node-1","containers":[{"name":"main","image":"registry.example.com/shop/bench:2.14.0"}]},"status":{"phase":"Running","hostIP":"127.0.0.1","podIP":"10.1.0.2","podIPs":[{"ip":"10.1.0.2"}],"containerStatuses":[{"name":"main","image":"registry.example.com/shop/bench:2.14.0","containerID":"containerd://{{{{LogDirectory.ContainerId(file)}}}}","ready":true,"restartCount":0,"state":{"running":{}}}]}}
            """);
    }

    private static string List(string kind, IEnumerable<string> items) =>
        $$"""{"kind":"{{kind}}List","apiVersion":"v1","metadata":{"resourceVersion":"1000"},"items":[{{string.Join(',', items)}}]}""";

    private async Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Query["watch"].Count > 0)
        {
            await context.Response.StartAsync();

            // A watch without events: the client ends it.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        string? answer = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", "v1", "pods"] => List("Pod", _pods.Values),
            ["api", "v1", "nodes"] => List("Node", [Node]),
            ["api", "v1", "nodes", _] => Node,
            ["api", "v1", "namespaces"] => List("Namespace", [Namespace]),
            ["api", "v1", "namespaces", _] => Namespace,
            ["api", "v1", "namespaces", _, "pods", string name] => _pods.GetValueOrDefault(name),
            ["version"] => """{"major":"1","minor":"34","gitVersion":"v1.34.0"}""",
            _ => null,
        };
        context.Response.StatusCode = answer is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        await context.Response.WriteAsync(answer ?? """{"kind":"Status","status":"Failure","reason":"NotFound","code":404}""");
    }
}
