using System.Globalization;
using Shipper.Agents;

namespace Shipper.Demo;

/// <summary>Prints what a few ordinary pods print: JSON, access logs, logfmt, stack traces and very long lines.</summary>
internal sealed class DemoWorkload
{
    private const int Seed = 2026;
    private const int LongLineInterval = 2_000;
    private const int TraceInterval = 200;
    private const int TraceLines = 8;

    private static readonly string[] Paths = ["/", "/cart", "/checkout", "/api/v1/items/4711", "/static/app.js", "/healthz"];
    private static readonly string[] Users = ["ana", "bilal", "chiyo", "dmitri", "esra", "지우"];

    // A fixed seed gives the same lines in each run.
    private readonly Random _random = new(Seed);

    private readonly DemoContainer _app;
    private readonly DemoContainer _proxy;
    private readonly DemoContainer _payment;
    private readonly DemoContainer _report;
    private readonly DemoContainer _agent;
    private int _sequence;

    public DemoWorkload(string root, AgentOptions options, DeliveryAudit audit, TimeProvider time)
    {
        // The names of the pods are unique, so that the audit of a real Loki finds only this run.
        string run = Guid.NewGuid().ToString("N")[..5];
        DemoContainer Create(string ns, string pod, string container) => new(root, ns, $"{pod}-{run}", container, options, audit, time);
        _app = Create("shop", "web-7549799c69", "app");
        _proxy = Create("shop", "web-7549799c69", "proxy");
        _payment = Create("shop", "payment-5d8f7c9b4", "main");
        _report = Create("batch", "report-29923286", "report");
        _agent = Create("kube-system", "cni", "agent");
        Containers = [_app, _proxy, _payment, _report, _agent];
    }

    public IReadOnlyList<DemoContainer> Containers { get; }

    /// <summary>Number of lines that are not a record of their own: all of a stack trace but the first one.</summary>
    public long JoinedLines { get; private set; }

    /// <summary>Prints and flushes lines, spread over all containers.</summary>
    public void Print(int lines)
    {
        for (int printed = 0; printed < lines;)
        {
            printed += PrintNext(lines - printed);
        }

        foreach (DemoContainer container in Containers)
        {
            container.Flush();
        }
    }

    /// <summary>Prints one line, or a stack trace of several.</summary>
    /// <returns>The number of lines.</returns>
    private int PrintNext(int limit)
    {
        int n = ++_sequence;
        switch (n % 5)
        {
            case 0:
                _proxy.Print("stdout", Invariant($"10.244.{Pick(256)}.{Pick(256)} - - \"GET {Paths[Pick(Paths.Length)]}?r={n} HTTP/1.1\" {(Pick(20) == 0 ? 502 : 200)} {Pick(90_000)} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" {Pick(900) / 1000.0:F3}"));
                break;
            case 1:
                _agent.Print("stderr", Invariant($"level=info subsys=endpoint msg=\"regenerated all endpoints\" revision={n} duration={Pick(90)}ms"));
                break;
            case 2 when n % TraceInterval == 2 && limit >= TraceLines:
                PrintTrace(n);
                return TraceLines;
            case 2:
                _payment.Print("stdout", Invariant($"INFO  [http-{Pick(8)}] com.example.payment.Service - captured order {n} of {Pick(500)}.{Pick(90) + 10} EUR"));
                break;
            case 3 when n % LongLineInterval == 3:
                _report.Print("stdout", Invariant($"report {n} {{\"rows\":[{string.Join(',', Enumerable.Range(0, 4_000 + Pick(12_000)))}]}}"));
                break;
            case 3:
                _report.Print("stdout", Invariant($"report: page {n} rendered in {Pick(4000)} ms"));
                break;
            default:
                _app.Print(
                    Pick(10) == 0 ? "stderr" : "stdout",
                    Invariant($"{{\"level\":\"{(Pick(50) == 0 ? "error" : "info")}\",\"msg\":\"order placed\",\"seq\":{n},\"user\":\"{Users[Pick(Users.Length)]}\",\"items\":{Pick(9) + 1},\"took_ms\":{Pick(300)},\"trace_id\":\"{_random.NextInt64():x16}{_random.NextInt64():x16}\"}}"));
                break;
        }

        return 1;
    }

    private void PrintTrace(int n)
    {
        _payment.Print("stderr", Invariant($"ERROR [http-{Pick(8)}] com.example.payment.Service - order {n} failed"));
        _payment.Print("stderr", Invariant($"java.util.concurrent.TimeoutException: no answer from bank-{Pick(4)} for order {n}"));
        for (int line = 0; line < TraceLines - 2; line++)
        {
            _payment.Print("stderr", Invariant($"\tat com.example.payment.Bank.call(Bank.java:{40 + line}) [order {n}]"));
            JoinedLines++;
        }
    }

    private int Pick(int count) => _random.Next(count);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
