namespace Shipper.Discovery;

/// <summary>Where to start in files that already exist when the agent starts for the first time.</summary>
/// <param name="Age">For <see cref="StartMode.Age"/>: older records are skipped.</param>
internal readonly record struct StartAt(StartMode Mode, TimeSpan Age = default);
