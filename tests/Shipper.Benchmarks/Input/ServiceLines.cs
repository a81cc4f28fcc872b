using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// Generates the lines of a service, with levels, trace ids, requests of health checks and stack traces. By the number of the file these are JSON (zap), nginx
/// access lines, logfmt (Go), or text of Spring Boot, in which one record of 100 is a stack trace of 20 lines. Each file has one output, as is usual. The lines
/// that the rules of <see cref="Suite.ProcessingSetting.Everything"/> may drop are marked. No line has a secret, and few have a word that looks like one.
/// </summary>
/// <param name="file">Number of the file.</param>
internal sealed class ServiceLines(int file) : LineGenerator
{
    private const int Seed = 20261130;
    private const int Kinds = 4;
    private const int TraceLines = 20;
    private const int RecordsPerTrace = 100;
    private const int Pods = 16;

    private static readonly string[] Paths = ["/", "/index.html", "/api/v1/orders", "/api/v1/orders/items", "/search", "/login"];
    private static readonly string[] Messages = ["order placed", "cache miss for key", "request completed", "user logged in", "retrying after timeout"];
    private static readonly string[] Components = ["api", "queue", "payments", "catalog"];
    private static readonly int[] Sizes = [0, 153, 612, 2_048, 7_340, 15_872, 48_211, 91_004];

    private readonly Random _random = new(Seed + file);
    private int _record;

    // Number of lines of the stack trace that have been written; 0 outside of one.
    private int _traceLine;

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    /// <inheritdoc />
    public override int Write(Span<byte> to, DateTime time, long writtenUs)
    {
        // .NET gives seven digits of a second and a Z, but a container runtime writes nine digits.
        _ = Utf8Formatter.TryFormat(time, to, out int length, 'O');
        length--;
        string output = file % Kinds is 0 or 2 ? "stderr" : "stdout";
        string text = (file % Kinds) switch
        {
            0 => Json(time, writtenUs),
            1 => Access(time, writtenUs),
            2 => Logfmt(time, writtenUs),
            _ => Spring(time, writtenUs),
        };
        bool fits = Utf8.TryWrite(to[length..], Culture, $"{_random.Next(1, 100):D2}Z {output} F {text}\n", out int added);
        return fits ? length + added : throw new InvalidOperationException("BUG: a line is longer than there is room for.");
    }

    private string Json(DateTime time, long writtenUs)
    {
        string level = Level();
        LineMark mark = Mark(writtenUs, level == "debug");
        return string.Create(
            Culture,
            $"{{\"level\":\"{level}\",\"ts\":\"{time:O}\",\"service\":\"shop\",\"msg\":\"{Any(Messages)}\",\"trace_id\":\"{_random.NextInt64():x16}{_random.NextInt64():x16}\",\"user\":{{\"id\":\"u-{_random.Next(10_000)}\",\"plan\":\"pro\"}},\"took_ms\":{_random.Next(500)},\"path\":\"{AnyPath()}?{mark}\"}}");
    }

    private string Access(DateTime time, long writtenUs)
    {
        int address = _random.Next(Pods);
        int kind = _random.Next(100);
        if (kind < 8)
        {
            return string.Create(Culture, $"10.0.{address}.1 - - [{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /healthz?{Mark(writtenUs, mayBeDropped: true)} HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.34\"");
        }

        string path = kind < 16 ? "/static/main.4f1d.js" : AnyPath();
        string more = $"{(_random.Next(20) == 0 ? 404 : 200)} {Sizes[_random.Next(Sizes.Length)]} \"https://shop.example.com/\" \"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/{_random.Next(90, 140)}.0\"";
        return string.Create(Culture, $"10.0.{address}.{_random.Next(256)} - - [{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {path}?{Mark(writtenUs, kind < 16)} HTTP/1.1\" {more}");
    }

    private string Logfmt(DateTime time, long writtenUs)
    {
        int kind = _random.Next(100);
        string level = kind < 6 ? "info" : Level();
        (string component, string message) = kind switch
        {
            < 3 => ("queue", "heartbeat sent"),
            < 6 => ("reconciler", "nothing to do"),
            _ => (Any(Components), Any(Messages)),
        };
        LineMark mark = Mark(writtenUs, kind < 6 || level == "debug");
        return string.Create(Culture, $"time={time:O} level={level} msg=\"{message}\" service=shop component={component} user.id=u-{_random.Next(10_000)} took_ms={_random.Next(500)} path=\"{AnyPath()}?{mark}\" trace_id={_random.NextInt64():x16}{_random.NextInt64():x16}");
    }

    private string Spring(DateTime time, long writtenUs)
    {
        if (_traceLine > 0)
        {
            return Trace(writtenUs);
        }

        _traceLine = _record++ % RecordsPerTrace == RecordsPerTrace - 1 ? 1 : 0;
        string level = _traceLine > 0 ? "ERROR" : _random.Next(100) < 5 ? "DEBUG" : " INFO";
        string message = _traceLine > 0 ? "Servlet.service() for servlet [dispatcherServlet] threw exception" : Any(Messages);
        return string.Create(Culture, $"{time:yyyy-MM-ddTHH:mm:ss.fff}Z {level} 1 --- [shop] [nio-8080-exec-{_random.Next(10)}] c.e.shop.orders.OrderController : {message}, order={_random.Next(1_000_000)} took={_random.Next(500)}ms {Mark(writtenUs, level == "DEBUG")}");
    }

    private string Trace(long writtenUs)
    {
        int line = _traceLine;
        _traceLine = line == TraceLines ? 0 : line + 1;
        LineMark mark = Mark(writtenUs);
        return line switch
        {
            1 => string.Create(Culture, $"java.lang.IllegalStateException: Order {_random.Next(1_000_000)} could not be saved: connection refused by the database, {mark}"),
            12 => string.Create(Culture, $"Caused by: org.postgresql.util.PSQLException: ERROR: deadlock detected, {mark}"),
            _ => string.Create(Culture, $"\tat com.example.shop.orders.OrderService.save(OrderService.java:{_random.Next(1_000)}) ~[shop-orders.jar!/:{mark}]"),
        };
    }

    private LineMark Mark(long writtenUs, bool mayBeDropped = false) => new(file, mayBeDropped ? DroppableCount++ : Count++, writtenUs, mayBeDropped);

    /// <summary>Returns a path. A few have a word that a search for secrets has to look at.</summary>
    private string AnyPath() => _random.Next(40) switch { 0 => "/api/v1/tokens/refresh", 1 => "/account/password", _ => Any(Paths) };

    private string Any(string[] texts) => texts[_random.Next(texts.Length)];

    private string Level() => _random.Next(100) switch { < 5 => "debug", < 92 => "info", < 98 => "warn", _ => "error" };
}
