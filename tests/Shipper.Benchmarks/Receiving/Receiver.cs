using System.Globalization;
using Microsoft.AspNetCore.Http;
using Shipper.Benchmarks.Input;
using Shipper.Testing;

namespace Shipper.Benchmarks.Receiving;

/// <summary>
/// The receiver of the measurements, a separate process. It treats every other POST as a push and counts the lines of each file by their
/// numbers. It responds to queries that it has no entries. <c>GET /</c> returns the counts, <c>POST /reset</c> clears them, and <c>POST /audit</c>
/// compares them with what was written.
/// </summary>
internal sealed class Receiver : IDisposable
{
    private const int PieceBytes = 1 << 16;

    // A semaphore, which is awaited: threads that spin for a lock would take CPU time from the agent.
    private readonly SemaphoreSlim _gate = new(1);
    private readonly LoopbackServer _server;
    private ReceivedLines _lines = new();

    public Receiver(int port) => _server = new LoopbackServer(HandleAsync, port);

    public Uri Address => _server.Address;

    public Task StartAsync() => _server.StartAsync();

    public void Dispose()
    {
        _server.Dispose();
        _gate.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/"):
                await AnswerAsync(context, lines => lines.Report());
                break;
            case ("GET", "/loki/api/v1/query_range"):
                await context.Response.WriteAsync("""{"status":"success","data":{"resultType":"streams","result":[]}}""", context.RequestAborted);
                break;
            case ("POST", "/reset"):
                await AnswerAsync(context, _ => (_lines = new ReceivedLines()).Report());
                break;
            case ("POST", "/audit"):
                using (var reader = new StreamReader(context.Request.Body))
                {
                    string counts = await reader.ReadToEndAsync();
                    await AnswerAsync(context, lines => lines.Audit([.. counts.Split(',').Select(count => long.Parse(count, CultureInfo.InvariantCulture))]));
                }

                break;
            case ("POST", _):
                await TakePushAsync(context);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task AnswerAsync<T>(HttpContext context, Func<ReceivedLines, T> read)
    {
        T answer;
        await _gate.WaitAsync();
        try
        {
            answer = read(_lines);
        }
        finally
        {
            _gate.Release();
        }

        await context.Response.WriteAsJsonAsync(answer);
    }

    private async Task TakePushAsync(HttpContext context)
    {
        using var body = new PooledBytes();
        for (int read; (read = await context.Request.Body.ReadAsync(body.GetRoom(PieceBytes), context.RequestAborted)) > 0;)
        {
            body.Advance(read);
        }

        bool isProtobuf = context.Request.ContentType?.Contains("protobuf", StringComparison.Ordinal) == true;
        using var content = new PooledBytes();
        string? fault = TryUncompress(body, isProtobuf, content);
        await _gate.WaitAsync();
        try
        {
            _lines.CountRequest(body.Length, content.Length);
            fault ??= TryCount(content.Span, isProtobuf);
            if (fault is not null)
            {
                _lines.CountUnreadable();
                Console.Error.WriteLine($"A push of {body.Length} bytes can't be read: {fault}");
            }
        }
        finally
        {
            _gate.Release();
        }

        context.Response.StatusCode = fault is null ? StatusCodes.Status204NoContent : StatusCodes.Status400BadRequest;
    }

#pragma warning disable CA1031 // Any invalid push is counted, and the run reports it.
    private static string? TryUncompress(PooledBytes body, bool isProtobuf, PooledBytes to)
    {
        try
        {
            Compression.Uncompress(body, isProtobuf, to);
            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private string? TryCount(ReadOnlySpan<byte> content, bool isProtobuf)
    {
        try
        {
            if (isProtobuf)
            {
                PushReader.ReadProtobuf(content, _lines, LineMark.NowUs);
            }
            else
            {
                PushReader.ReadText(content, _lines, LineMark.NowUs);
            }

            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }
#pragma warning restore CA1031
}
