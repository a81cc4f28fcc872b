namespace Shipper.Checkpoints;

/// <summary>The outputs of a container that its pod excludes from being sent.</summary>
[Flags]
internal enum ExcludedOutputs
{
    None = 0,
    Stdout = 1,
    Stderr = 2,
    Both = Stdout | Stderr,
}
