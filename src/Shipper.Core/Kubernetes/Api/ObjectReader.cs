using System.Buffers;
using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads of the API server's JSON what is kept. Token by token: a generated serializer does the same for 0.5 MB more in the program,
/// and annotations, which may be 256 KiB in one pod (TotalAnnotationSizeLimitB of the API server), are here never made strings
/// unless their key is wanted.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="keeps">True for the key of a label or annotation that is wanted.</param>
internal sealed class ObjectReader(Func<string, bool> keeps)
{
    /// <summary>A label's value has 63 at most; an annotation's is cut here, so that 110 pods stay small.</summary>
    public const int MaxValueChars = 4 * 1024;

    private delegate T? ReadValue<out T>(ref Utf8JsonReader json)
        where T : class;

    /// <summary>Reads an object; what it does not have is null.</summary>
    /// <returns>Null for <c>null</c>.</returns>
    /// <exception cref="Exception">It is none, as <see cref="IsNoJson"/> tells.</exception>
    public ApiObject? Read(ReadOnlySequence<byte> text)
    {
        var json = new Utf8JsonReader(text);
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        var item = new ApiObject();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("metadata"u8))
            {
                item.Metadata = ReadMetadata(ref json);
            }
            else if (json.ValueTextEquals("spec"u8))
            {
                item.Spec = ReadSpec(ref json);
            }
            else if (json.ValueTextEquals("status"u8))
            {
                item.Status = ReadStatus(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        return item;
    }

    /// <summary>
    /// Tells whether an exception says that what was read is no JSON. <see cref="InvalidOperationException"/> is what invalid UTF-8 is;
    /// <see cref="IndexOutOfRangeException"/> a literal that ends with the text, where that is in pieces (dotnet/runtime#134448).
    /// </summary>
    public static bool IsNoJson(Exception exception) => exception is JsonException or InvalidOperationException or IndexOutOfRangeException;

    /// <summary>Reads how the API server says that something failed.</summary>
    /// <returns>Null where these are other words.</returns>
    public static ApiStatus? ReadError(ReadOnlySequence<byte> text)
    {
        try
        {
            var json = new Utf8JsonReader(text);
            if (!TryEnter(ref json, JsonTokenType.StartObject))
            {
                return null;
            }

            var status = new ApiStatus();
            while (Next(ref json))
            {
                if (json.ValueTextEquals("code"u8))
                {
                    status.Code = Number(ref json);
                }
                else if (json.ValueTextEquals("message"u8))
                {
                    status.Message = Text(ref json);
                }
                else if (json.ValueTextEquals("reason"u8))
                {
                    status.Reason = Text(ref json);
                }
                else
                {
                    json.Skip();
                }
            }

            return status;
        }
        catch (Exception e) when (IsNoJson(e))
        {
            return null;
        }
    }

    private ObjectMetadata? ReadMetadata(ref Utf8JsonReader json)
    {
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        var metadata = new ObjectMetadata();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("name"u8))
            {
                metadata.Name = Text(ref json);
            }
            else if (json.ValueTextEquals("namespace"u8))
            {
                metadata.Namespace = Text(ref json);
            }
            else if (json.ValueTextEquals("uid"u8))
            {
                metadata.Uid = Text(ref json);
            }
            else if (json.ValueTextEquals("resourceVersion"u8))
            {
                metadata.ResourceVersion = Text(ref json);
            }
            else if (json.ValueTextEquals("creationTimestamp"u8))
            {
                json.Read();
                metadata.CreationTimestamp = json.TokenType == JsonTokenType.Null ? null
                    : json.TokenType == JsonTokenType.String && json.TryGetDateTimeOffset(out DateTimeOffset time) ? time
                    : throw Unexpected(json);
            }
            else if (json.ValueTextEquals("deletionTimestamp"u8))
            {
                metadata.IsTerminating = Text(ref json) is not null;
            }
            else if (json.ValueTextEquals("labels"u8))
            {
                metadata.Labels = ReadPairs(ref json);
            }
            else if (json.ValueTextEquals("annotations"u8))
            {
                metadata.Annotations = ReadPairs(ref json);
            }
            else if (json.ValueTextEquals("ownerReferences"u8))
            {
                metadata.OwnerReferences = ReadList(ref json, ReadOwner);
            }
            else
            {
                json.Skip();
            }
        }

        return metadata;
    }

    private Dictionary<string, string>? ReadPairs(ref Utf8JsonReader json)
    {
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        Dictionary<string, string>? pairs = null;
        while (Next(ref json))
        {
            string key = json.GetString()!;
            if (keeps(key))
            {
                pairs ??= new Dictionary<string, string>(StringComparer.Ordinal);
                pairs[key] = Cut(Text(ref json) ?? "");
            }
            else
            {
                json.Skip();
            }
        }

        return pairs;
    }

    private static string Cut(string value)
    {
        if (value.Length <= MaxValueChars)
        {
            return value;
        }

        // Half of a pair would be no text.
        return value[..(char.IsHighSurrogate(value[MaxValueChars - 1]) ? MaxValueChars - 1 : MaxValueChars)];
    }

    private static OwnerReference? ReadOwner(ref Utf8JsonReader json)
    {
        if (!IsStart(ref json))
        {
            return null;
        }

        var owner = new OwnerReference();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("kind"u8))
            {
                owner.Kind = Text(ref json);
            }
            else if (json.ValueTextEquals("name"u8))
            {
                owner.Name = Text(ref json);
            }
            else if (json.ValueTextEquals("controller"u8))
            {
                json.Read();
                owner.Controller = json.TokenType == JsonTokenType.True;
                json.Skip();
            }
            else
            {
                json.Skip();
            }
        }

        return owner;
    }

    private static PodSpec? ReadSpec(ref Utf8JsonReader json)
    {
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        var spec = new PodSpec();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("initContainers"u8))
            {
                spec.InitContainers = ReadList(ref json, ReadContainer);
            }
            else if (json.ValueTextEquals("containers"u8))
            {
                spec.Containers = ReadList(ref json, ReadContainer);
            }
            else if (json.ValueTextEquals("ephemeralContainers"u8))
            {
                spec.EphemeralContainers = ReadList(ref json, ReadContainer);
            }
            else
            {
                json.Skip();
            }
        }

        return spec;
    }

    private static ContainerSpec? ReadContainer(ref Utf8JsonReader json)
    {
        if (!IsStart(ref json))
        {
            return null;
        }

        var container = new ContainerSpec();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("name"u8))
            {
                container.Name = Text(ref json);
            }
            else if (json.ValueTextEquals("image"u8))
            {
                container.Image = Text(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        return container;
    }

    private static PodStatus? ReadStatus(ref Utf8JsonReader json)
    {
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        var status = new PodStatus();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("phase"u8))
            {
                status.Phase = Text(ref json);
            }
            else if (json.ValueTextEquals("podIP"u8))
            {
                status.PodIp = Text(ref json);
            }
            else if (json.ValueTextEquals("initContainerStatuses"u8))
            {
                status.InitContainerStatuses = ReadList(ref json, ReadContainerStatus);
            }
            else if (json.ValueTextEquals("containerStatuses"u8))
            {
                status.ContainerStatuses = ReadList(ref json, ReadContainerStatus);
            }
            else if (json.ValueTextEquals("ephemeralContainerStatuses"u8))
            {
                status.EphemeralContainerStatuses = ReadList(ref json, ReadContainerStatus);
            }
            else
            {
                json.Skip();
            }
        }

        return status;
    }

    private static ContainerStatus? ReadContainerStatus(ref Utf8JsonReader json)
    {
        if (!IsStart(ref json))
        {
            return null;
        }

        var status = new ContainerStatus();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("name"u8))
            {
                status.Name = Text(ref json);
            }
            else if (json.ValueTextEquals("restartCount"u8))
            {
                status.RestartCount = Number(ref json);
            }
            else if (json.ValueTextEquals("containerID"u8))
            {
                status.ContainerId = Text(ref json);
            }
            else if (json.ValueTextEquals("lastState"u8))
            {
                status.LastContainerId = ReadLastId(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        return status;
    }

    /// <summary>Reads <c>{"terminated":{"containerID":"..."}}</c>.</summary>
    private static string? ReadLastId(ref Utf8JsonReader json)
    {
        string? id = null;
        if (!TryEnter(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        while (Next(ref json))
        {
            if (!json.ValueTextEquals("terminated"u8) || !TryEnter(ref json, JsonTokenType.StartObject))
            {
                json.Skip();
                continue;
            }

            while (Next(ref json))
            {
                if (json.ValueTextEquals("containerID"u8))
                {
                    id = Text(ref json);
                }
                else
                {
                    json.Skip();
                }
            }
        }

        return id;
    }

    private static List<T>? ReadList<T>(ref Utf8JsonReader json, ReadValue<T> read)
        where T : class
    {
        if (!TryEnter(ref json, JsonTokenType.StartArray))
        {
            return null;
        }

        var list = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            // A null among them stands for nothing.
            if (read(ref json) is { } item)
            {
                list.Add(item);
            }
        }

        return list;
    }

    /// <summary>Goes on to a value and into it.</summary>
    /// <returns>False for <c>null</c>, which is the same as nothing.</returns>
    private static bool TryEnter(ref Utf8JsonReader json, JsonTokenType start)
    {
        json.Read();
        return json.TokenType == start || (json.TokenType == JsonTokenType.Null ? false : throw Unexpected(json));
    }

    /// <summary>True where an object begins here, false for <c>null</c>.</summary>
    private static bool IsStart(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.StartObject || (json.TokenType == JsonTokenType.Null ? false : throw Unexpected(json));

    /// <summary>Goes on to the next property's name.</summary>
    /// <returns>False at the end of the object.</returns>
    private static bool Next(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.PropertyName;
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType is JsonTokenType.String or JsonTokenType.Null ? json.GetString() : throw Unexpected(json);
    }

    private static int Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number) ? number : throw Unexpected(json);
    }

    private static JsonException Unexpected(Utf8JsonReader json) => new($"{json.TokenType} at byte {json.TokenStartIndex} of the object");
}
