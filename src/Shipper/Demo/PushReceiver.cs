using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;
using Shipper.Http;
using Shipper.Loki;
using Shipper.Protocol;
using Snappier;

namespace Shipper.Demo;

/// <summary>
/// A push endpoint inside the process. It accepts everything and reports it to the audit. To the query of a starting agent it responds that it has no entries.
/// </summary>
internal sealed class PushReceiver : IDisposable
{
    private const long MaxBodyBytes = 16 * 1024 * 1024;
    private const string NoEntries = """{"status":"success","data":{"resultType":"streams","result":[]}}""";

    private readonly HttpServer _server;
    private readonly DeliveryAudit _audit;

    public PushReceiver(DeliveryAudit audit)
    {
        _audit = audit;
        _server = new HttpServer(new IPEndPoint(IPAddress.Loopback, 0), MaxBodyBytes, HandleAsync);
    }

    /// <summary>The address to push to.</summary>
    public Uri Address => _server.Address;

    public Task StartAsync(CancellationToken stopping) => _server.StartAsync(stopping);

    public void Dispose() => _server.Dispose();

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == LokiOptions.QueryPath)
        {
            await context.Response.WriteAsync(NoEntries, context.RequestAborted);
            return;
        }

        if (context.Request.Path != LokiOptions.PushPath || context.Request.ContentLength is not { } length)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        byte[] body = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, (int)length), context.RequestAborted);
            using IMemoryOwner<byte> request = Snappy.DecompressToMemory(body.AsSpan(0, (int)length));
            foreach (StreamAdapter stream in PushRequest.Parser.ParseFrom(request.Memory.Span).Streams)
            {
                foreach (EntryAdapter entry in stream.Entries)
                {
                    _audit.RecordDelivered(stream.Labels, entry.Line);
                }
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }
}
