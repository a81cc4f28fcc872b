namespace Shipper.Processing;

/// <summary>Where the records of a stream come from: everything that a rule can ask about a record without looking at it.</summary>
internal sealed record RecordOrigin
{
    public const string Containers = "container";

    public const string Journal = "journal";

    public const string Files = "file";

    /// <summary><see cref="Containers"/>, <see cref="Journal"/> or <see cref="Files"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Namespace of the pod; empty if the source is not a container.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Name of the pod; empty if the source is not a container.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Name of the container; empty if the source is not a container.</summary>
    public string Container { get; init; } = "";

    /// <summary>Label <c>unit</c>; empty if the source is not the journal.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Label <c>filename</c>; empty if the source is not another file.</summary>
    public string Filename { get; init; } = "";
}
