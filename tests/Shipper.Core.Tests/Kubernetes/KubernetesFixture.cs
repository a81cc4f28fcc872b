using System.Diagnostics;
using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;
using Shipper.Telemetry;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

/// <summary>An API server double and the agent's client for it.</summary>
internal sealed class KubernetesFixture : IAsyncDisposable
{
    // Far longer than any condition needs on a busy machine.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TemporaryDirectory _directory = new();
    private KubernetesMetadata? _sut;
    private Task? _running;

    private KubernetesFixture(ApiServerDouble server) => Server = server;

    public ApiServerDouble Server { get; }

    public RequestClock Time { get; } = new();

    public RecordedLog Log { get; } = new();

    public AgentMetrics Metrics { get; } = new();

    public KubernetesOptions Options { get; } = new();

    public KubernetesMetadata Sut => _sut ?? throw new InvalidOperationException("Start was not called");

    public static async Task<KubernetesFixture> CreateAsync() => new(await ApiServerDouble.StartAsync());

    /// <summary>Writes a kubeconfig whose server is the double.</summary>
    public string WriteKubeconfig(string user = "{}", string cluster = "", Uri? server = null)
    {
        string path = _directory["kubeconfig"];
        string extra = cluster.Length > 0 ? ", " + cluster : "";
        File.WriteAllText(path, $$$"""
            apiVersion: v1
            kind: Config
            current-context: main
            contexts:
            - {name: other, context: {cluster: none, user: none}}
            - {name: main, context: {cluster: c, user: u}}
            clusters:
            - name: c
              cluster: {server: "{{{(server ?? Server.Address).AbsoluteUri}}}"{{{extra}}}}
            users:
            - {name: u, user: {{{user}}}}
            """);
        return path;
    }

    public void Start(ApiAccess? access = null)
    {
        Options.Kubeconfig = Options.Kubeconfig.Length > 0 ? Options.Kubeconfig : WriteKubeconfig();
        access ??= new ApiAccess(Options.Kubeconfig, "/nowhere", _ => null);
        _sut = new KubernetesMetadata(Options, "real-1", Time, Log, Metrics, access);
        _running = _sut.RunAsync(_stopping.Token);
    }

    /// <summary>Waits for a condition, without advancing the clock.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < MaxWait, $"The condition did not become true in time. Log: {string.Join('\n', Log.Messages)}");

            // Sockets answer in real time, and conditions raise no event.
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Advances the clock until a condition is true: for pauses between requests.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null) => UntilAsync(() =>
    {
        if (condition())
        {
            return true;
        }

        if (!Time.IsRequestInFlight)
        {
            Time.Advance(step ?? TimeSpan.FromMilliseconds(200));
        }

        return condition();
    });

    public void Push(string text) => Server.Push("pods", Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_running is not null)
        {
            await _running;
        }

        _sut?.Dispose();
        await Server.StopAsync();
        Server.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
        Log.Dispose();
    }
}
