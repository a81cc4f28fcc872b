using System.Buffers;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Puts the objects of a resource into the store as they arrive, and tracks the resource version of the store.</summary>
/// <remarks>Belongs to one watcher; not thread-safe.</remarks>
internal sealed class StoreUpdater(IResourceStore store, ObjectReader reader, RequestFailures failures)
{
    /// <summary>Maximum length of an object in bytes. etcd stores at most 1.5 MiB per object, so the API server never sends longer ones.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Size of the buffer for a response body, in bytes.</summary>
    public const int BufferBytes = 16 * 1024;

    /// <summary>The resource version of the store; empty if the watcher must start over.</summary>
    public string Version { get; set; } = "";

    /// <summary>Reads an object. A malformed object is counted as skipped.</summary>
    /// <returns>Null if the object was skipped.</returns>
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
        catch (Exception e) when (ObjectReader.IsInvalidJson(e))
        {
            SkipInvalid(Failure.Shorten(e.Message));
            return null;
        }
    }

    /// <summary>Replaces all objects of the store.</summary>
    public void Replace(IReadOnlyList<ApiObject> items, string version)
    {
        failures.CountSkipped(SkipReasons.Invalid, store.Replace(items), "it has no name, namespace or uid");
        Version = version;
    }

    /// <summary>Applies one event to the store.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="item">The event's object.</param>
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

    /// <summary>Counts a malformed object or event.</summary>
    public void SkipInvalid(string reason) => failures.CountSkipped(SkipReasons.Invalid, 1, reason);

    /// <summary>Counts objects or events that are too long.</summary>
    public void SkipTooLong(int count) => failures.CountSkipped(SkipReasons.TooLong, count, $"it is longer than {MaxBytes} bytes");
}
