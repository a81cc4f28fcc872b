using System.Buffers;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Takes over the objects of a resource as they arrive, and knows up to which version the store has them.</summary>
/// <remarks>For one watcher; not thread-safe.</remarks>
internal sealed class ResourceObjects(IResourceStore store, ObjectReader reader, RequestTrouble trouble)
{
    /// <summary>Upper bound of an object in bytes. In etcd an object has at most 1.5 MiB, so the API server sends no longer one.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>The size of the buffer for a body, in bytes.</summary>
    public const int BufferBytes = 16 * 1024;

    /// <summary>The resource version that the store shows; empty if the store must begin anew.</summary>
    public string Version { get; set; } = "";

    /// <summary>Reads an object. If it makes no sense, it is counted as skipped.</summary>
    /// <returns>Null if it was skipped.</returns>
    public ApiObject? Read(ReadOnlySequence<byte> text)
    {
        try
        {
            ApiObject? item = reader.Read(text);
            if (item is null)
            {
                SkipInvalid("it is null");
            }

            return item;
        }
        catch (Exception e) when (ObjectReader.IsNoJson(e))
        {
            SkipInvalid(Failure.Shorten(e.Message));
            return null;
        }
    }

    /// <summary>Makes these the objects of the store.</summary>
    public void Replace(IReadOnlyList<ApiObject> items, string version)
    {
        trouble.Skipped(SkipReasons.Invalid, store.Replace(items), "it has no name, namespace or uid");
        Version = version;
    }

    /// <summary>Applies one event to the store.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="item">The object as the event has it.</param>
    public void Apply(string type, ApiObject item)
    {
        bool isValid = type switch
        {
            "ADDED" or "MODIFIED" => store.Put(item),
            "DELETED" => store.Delete(item),
            _ => true,
        };
        if (!isValid)
        {
            SkipInvalid("it has no name, namespace or uid");
        }

        if (item.Metadata?.ResourceVersion is { Length: > 0 } version)
        {
            Version = version;
        }
    }

    /// <summary>Counts an object or event that makes no sense.</summary>
    public void SkipInvalid(string reason) => trouble.Skipped(SkipReasons.Invalid, 1, reason);

    /// <summary>Counts objects or events that are too long.</summary>
    public void SkipTooLong(int count) => trouble.Skipped(SkipReasons.TooLong, count, $"it is longer than {MaxBytes} bytes");
}
