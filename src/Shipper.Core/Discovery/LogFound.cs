using Shipper.Discovery.Rotation;
using Shipper.Loki;

namespace Shipper.Discovery;

/// <summary>A log that discovery found.</summary>
/// <param name="Key">The checkpoint's key of the stream. It does not depend on configured labels.</param>
/// <param name="Kind">The kind of the log.</param>
/// <param name="Attributes">Provides the labels and metadata of its records.</param>
/// <param name="RotatedLog">The files of the log.</param>
/// <param name="Container">The container that wrote the log; null if no container did.</param>
internal sealed record LogFound(string Key, LogKind Kind, IAttributeSource Attributes, RotatedLog RotatedLog, ContainerName? Container = null) : LogChange;
