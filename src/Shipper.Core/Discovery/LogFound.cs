using Shipper.Discovery.Rotation;
using Shipper.Loki;

namespace Shipper.Discovery;

/// <summary>A log that discovery found.</summary>
/// <param name="Key">What its stream is, independent of configured labels: the checkpoint's key.</param>
/// <param name="Source">What kind of log it is.</param>
/// <param name="Attributes">Tells what its records are sent with.</param>
/// <param name="Series">Where its files are.</param>
/// <param name="Container">Whose log it is; null where it is not that of a container.</param>
internal sealed record LogFound(string Key, LogSource Source, IAttributeSource Attributes, LogSeries Series, ContainerName? Container = null) : LogNews;
