using System.Globalization;
using Microsoft.AspNetCore.Http;
using Shipper.Benchmarks.Input;
using Shipper.Testing;

namespace Shipper.Benchmarks.Receiving;

/// <summary>
/// The receiver of the measurements, a process of its own: takes every POST for a push, counts each file's lines by their
/// numbers, and tells what it saw on <c>GET /</c>. <c>POST /reset</c> forgets, <c>POST /audit</c> compares with what was written.
/// </summary>
internal sealed class Receiver : IDisposable
{
    private const int PieceBytes = 1 << 16;

    private readonly Lock _lock = new();
    private readonly MiniServer _server;
    private ReceivedLines _lines = new();

    public Receiver(int port) => _server = new MiniServer(HandleAsync, port);

    public Uri Address => _server.Address;

    public Task StartAsync() => _server.StartAsync();

    public void Dispose() => _server.Dispose();

    private async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/"):
                await context.Response.WriteAsJsonAsync(Read(lines => lines.Report()));
                break;
            case ("POST", "/reset"):
                lock (_lock)
                {
                    _lines = new ReceivedLines();
                }

                break;
            case ("POST", "/audit"):
                using (var reader = new StreamReader(context.Request.Body))
                {
                    string counts = await reader.ReadToEndAsync();
                    long[] written = [.. counts.Split(',').Select(count => long.Parse(count, CultureInfo.InvariantCulture))];
                    await context.Response.WriteAsJsonAsync(Read(lines => lines.Audit(written)));
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

    private T Read<T>(Func<ReceivedLines, T> read)
    {
        lock (_lock)
        {
            return read(_lines);
        }
    }

    private async Task TakePushAsync(HttpContext context)
    {
        using var body = new PooledBytes();
        for (int read; (read = await context.Request.Body.ReadAsync(body.GetRoom(PieceBytes), context.RequestAborted)) > 0;)
        {
            body.Advance(read);
        }

        context.Response.StatusCode = TryCount(body, context.Request.ContentType?.Contains("protobuf", StringComparison.Ordinal) == true)
            ? StatusCodes.Status204NoContent
            : StatusCodes.Status400BadRequest;
    }

    private bool TryCount(PooledBytes body, bool isProtobuf)
    {
        using var content = new PooledBytes();
        try
        {
            Compression.Uncompress(body, isProtobuf, content);
            lock (_lock)
            {
                _lines.CountRequest(body.Length, content.Length);
                if (isProtobuf)
                {
                    PushReader.ReadProtobuf(content.Span, _lines, LineMark.NowUs);
                }
                else
                {
                    PushReader.ReadText(content.Span, _lines, LineMark.NowUs);
                }
            }

            return true;
        }
#pragma warning disable CA1031 // Whatever is wrong with a push: it is counted, and the run says so.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"A push of {body.Length} bytes can't be read: {e.Message}");
            lock (_lock)
            {
                _lines.CountUnreadable();
            }

            return false;
        }
    }
}
