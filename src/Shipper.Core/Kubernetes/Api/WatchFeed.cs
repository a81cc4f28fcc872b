using System.Buffers;
using System.IO.Pipelines;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>Applies the events of a watch to the store.</summary>
/// <remarks>Belongs to one watcher; not thread-safe.</remarks>
internal sealed class WatchFeed(StoreUpdater objects, RequestFailures failures, TimeProvider time)
{
    /// <summary>A watch that ends sooner than this counts as failed: otherwise it would be repeated without a pause.</summary>
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    /// <summary>Applies events until the watch ends.</summary>
    /// <param name="body">The body of the response.</param>
    /// <param name="stopping">Cancels reading.</param>
    public async Task<RequestResult> ReadAsync(Stream body, CancellationToken stopping)
    {
        long start = time.GetTimestamp();
        int lines = 0;
        PipeReader pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: StoreUpdater.BufferBytes));
        var reader = new LineReader(pipe, StoreUpdater.MaxBytes);
        try
        {
            while (await reader.MoveNextAsync(stopping))
            {
                if (Apply(reader.Line) is { } end)
                {
                    return end;
                }

                if (lines++ == 0)
                {
                    failures.ReportSuccess();
                }
            }
        }
        catch (OperationCanceledException) when (lines == 0)
        {
            // A watch from a future version, for example after a restore of etcd, is silent too. Only a list can detect that.
            objects.Version = "";
            throw;
        }
        finally
        {
            objects.SkipTooLong(reader.TooLongCount);
            await pipe.CompleteAsync();
        }

        if (time.GetElapsedTime(start) < ShortestWatch)
        {
            return new RequestResult(RequestVerdict.Failed, "200", "the watch ended immediately");
        }

        if (lines == 0)
        {
            // There was not even a bookmark: see above.
            objects.Version = "";
        }

        failures.ReportSuccess();
        return new RequestResult(RequestVerdict.Done, "200", "");
    }

    /// <summary>Applies one event.</summary>
    /// <returns>The result if the event ended the watch; otherwise null.</returns>
    private RequestResult? Apply(ReadOnlySequence<byte> line)
    {
        try
        {
            if (!WatchLine.TryRead(line, out WatchLine read))
            {
                objects.SkipInvalid("an event has no type or no object");
                return null;
            }

            if (read.Type == "ERROR")
            {
                ApiStatus? status = ObjectReader.ReadError(read.Object);
                return ApiRequests.ToResult(status?.Code ?? 500, status?.Message ?? "", status);
            }

            if (objects.Read(read.Object) is { } item)
            {
                objects.Apply(read.Type, item);
            }
        }
        catch (Exception e) when (ObjectReader.IsInvalidJson(e))
        {
            objects.SkipInvalid(Failure.Shorten(e.Message));
        }

        return null;
    }
}
