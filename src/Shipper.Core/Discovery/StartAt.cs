namespace Shipper.Discovery;

/// <summary>Where to begin in the files that are there when the agent starts for the first time.</summary>
/// <param name="Mode">The choice.</param>
/// <param name="Age">For <see cref="StartMode.Age"/>: records older than this are passed over.</param>
internal readonly record struct StartAt(StartMode Mode, TimeSpan Age = default);
