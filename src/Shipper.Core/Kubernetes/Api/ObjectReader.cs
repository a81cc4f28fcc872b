using System.Buffers;
using System.Text.Json;
using static Shipper.Kubernetes.Api.FieldReader;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads the needed parts of an object from the API server's JSON, token by token. A generated serializer would make the program 0.5 MB larger. The
/// annotations of one pod may take 256 KiB (TotalAnnotationSizeLimitB of the API server); only those with a needed key become strings.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ObjectReader
{
    /// <summary>Maximum length of a value in chars. A label's value has at most 63. An annotation's value is cut, so that 110 pods stay small.</summary>
    public const int MaxValueChars = 4 * 1024;

    /// <summary>Maximum length of all kept labels, or of all kept annotations, of an object in chars: a pod may invent any number of keys that are kept.</summary>
    public const int MaxPairsChars = 64 * 1024;

    private static readonly JsonField<ApiStatus>[] ErrorFields =
    [
        new("code", static (ref json, error) => error.Code = ReadInt32(ref json)),
        new("message", static (ref json, error) => error.Message = ReadString(ref json)),
        new("reason", static (ref json, error) => error.Reason = ReadString(ref json)),
    ];

    private static readonly JsonField<OwnerReference>[] OwnerFields =
    [
        new("kind", static (ref json, owner) => owner.Kind = ReadString(ref json)),
        new("name", static (ref json, owner) => owner.Name = ReadString(ref json)),
        new("controller", static (ref json, owner) => owner.Controller = ReadBoolean(ref json)),
    ];

    private static readonly JsonField<PodSpec>[] SpecFields =
    [
        new("initContainers", static (ref json, spec) => spec.InitContainers = ReadList(ref json, ReadContainer)),
        new("containers", static (ref json, spec) => spec.Containers = ReadList(ref json, ReadContainer)),
        new("ephemeralContainers", static (ref json, spec) => spec.EphemeralContainers = ReadList(ref json, ReadContainer)),
    ];

    private static readonly JsonField<ContainerSpec>[] ContainerFields =
    [
        new("name", static (ref json, container) => container.Name = ReadString(ref json)),
        new("image", static (ref json, container) => container.Image = ReadString(ref json)),
    ];

    private static readonly JsonField<PodStatus>[] StatusFields =
    [
        new("phase", static (ref json, status) => status.Phase = ReadString(ref json)),
        new("podIP", static (ref json, status) => status.PodIp = ReadString(ref json)),
        new("initContainerStatuses", static (ref json, status) => status.InitContainerStatuses = ReadList(ref json, ReadContainerStatus)),
        new("containerStatuses", static (ref json, status) => status.ContainerStatuses = ReadList(ref json, ReadContainerStatus)),
        new("ephemeralContainerStatuses", static (ref json, status) => status.EphemeralContainerStatuses = ReadList(ref json, ReadContainerStatus)),
    ];

    private static readonly JsonField<ContainerStatus>[] ContainerStatusFields =
    [
        new("name", static (ref json, status) => status.Name = ReadString(ref json)),
        new("restartCount", static (ref json, status) => status.RestartCount = ReadInt32(ref json)),
        new("containerID", static (ref json, status) => status.ContainerId = ReadString(ref json)),
        new("lastState", static (ref json, status) =>
        {
            status.LastContainerId = null;
            ReadObject(ref json, LastStateFields, status);
        }),
    ];

    private static readonly JsonField<ContainerStatus>[] LastStateFields = [new("terminated", static (ref json, status) => ReadObject(ref json, TerminatedFields, status))];

    private static readonly JsonField<ContainerStatus>[] TerminatedFields = [new("containerID", static (ref json, status) => status.LastContainerId = ReadString(ref json))];

    private readonly JsonField<ApiObject>[] _objectFields;
    private readonly JsonField<ObjectMetadata>[] _metadataFields;

    /// <param name="shouldKeep">Returns true for the key of a label or annotation to keep.</param>
    public ObjectReader(Func<string, bool> shouldKeep)
    {
        _objectFields =
        [
            new("metadata", (ref json, item) => item.Metadata = ReadObject(ref json, _metadataFields, new ObjectMetadata())),
            new("spec", static (ref json, item) => item.Spec = ReadObject(ref json, SpecFields, new PodSpec())),
            new("status", static (ref json, item) => item.Status = ReadObject(ref json, StatusFields, new PodStatus())),
        ];
        _metadataFields =
        [
            new("name", static (ref json, metadata) => metadata.Name = ReadString(ref json)),
            new("namespace", static (ref json, metadata) => metadata.Namespace = ReadString(ref json)),
            new("uid", static (ref json, metadata) => metadata.Uid = ReadString(ref json)),
            new("resourceVersion", static (ref json, metadata) => metadata.ResourceVersion = ReadString(ref json)),
            new("creationTimestamp", static (ref json, metadata) => metadata.CreationTimestamp = ReadTime(ref json)),
            new("deletionTimestamp", static (ref json, metadata) => metadata.IsTerminating = ReadString(ref json) is not null),
            new("labels", (ref json, metadata) => metadata.Labels = ReadPairs(ref json, shouldKeep, MaxValueChars, MaxPairsChars)),
            new("annotations", (ref json, metadata) => metadata.Annotations = ReadPairs(ref json, shouldKeep, MaxValueChars, MaxPairsChars)),
            new("ownerReferences", static (ref json, metadata) => metadata.OwnerReferences = ReadList(ref json, ReadOwner)),
        ];
    }

    /// <summary>Reads an object. Parts that it does not have are null.</summary>
    /// <returns>Null if the JSON value is <c>null</c>.</returns>
    /// <exception cref="Exception">The text is not an object; <see cref="IsInvalidJson"/> is true for the exception.</exception>
    public ApiObject? Read(ReadOnlySequence<byte> text)
    {
        var json = new Utf8JsonReader(text);
        json.Read();
        return ReadObject(ref json, _objectFields, new ApiObject());
    }

    /// <summary>
    /// True if an exception means that the text is not valid JSON: <see cref="JsonException"/>, <see cref="InvalidOperationException"/> for invalid
    /// UTF-8, and <see cref="IndexOutOfRangeException"/> for a literal that is cut off at the end of a segmented text (dotnet/runtime#134448).
    /// </summary>
    public static bool IsInvalidJson(Exception exception) => exception is JsonException or InvalidOperationException or IndexOutOfRangeException;

    /// <summary>Reads the API server's description of a failure.</summary>
    /// <returns>Null if the text has another form.</returns>
    public static ApiStatus? ReadError(ReadOnlySequence<byte> text)
    {
        try
        {
            var json = new Utf8JsonReader(text);
            json.Read();
            return ReadObject(ref json, ErrorFields, new ApiStatus());
        }
        catch (Exception e) when (IsInvalidJson(e))
        {
            return null;
        }
    }

    private static OwnerReference? ReadOwner(ref Utf8JsonReader json) => ReadObject(ref json, OwnerFields, new OwnerReference());

    private static ContainerSpec? ReadContainer(ref Utf8JsonReader json) => ReadObject(ref json, ContainerFields, new ContainerSpec());

    private static ContainerStatus? ReadContainerStatus(ref Utf8JsonReader json) => ReadObject(ref json, ContainerStatusFields, new ContainerStatus());
}
