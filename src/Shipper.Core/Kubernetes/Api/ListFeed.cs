using System.IO.Pipelines;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads a list into the store.</summary>
/// <remarks>Belongs to one watcher; not thread-safe.</remarks>
internal sealed class ListFeed(StoreUpdater objects)
{
    /// <summary>Reads the whole list, then replaces the content of the store with it.</summary>
    /// <param name="body">The body of the response.</param>
    /// <param name="stopping">Cancels reading.</param>
    public async Task<RequestResult> ReadAsync(Stream body, CancellationToken stopping)
    {
        var items = new List<ApiObject>();
        PipeReader pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: StoreUpdater.BufferBytes));
        try
        {
            var list = new ListReader(pipe, StoreUpdater.MaxBytes);
            await list.ReadAsync(
                item =>
                {
                    if (objects.Read(item) is { } read)
                    {
                        items.Add(read);
                    }
                },
                stopping);
            if (string.IsNullOrEmpty(list.ResourceVersion))
            {
                return new RequestResult(RequestVerdict.Failed, "200", "the list has no resourceVersion");
            }

            objects.Replace(items, list.ResourceVersion);
            objects.SkipTooLong(list.TooLongCount);
            return new RequestResult(RequestVerdict.Done, "200", "");
        }
        catch (Exception e) when (ObjectReader.IsInvalidJson(e))
        {
            return new RequestResult(RequestVerdict.Failed, "200", $"the list is malformed: {Failure.Shorten(e.Message)}");
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }
}
