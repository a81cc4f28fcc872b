namespace Shipper.Checkpoints;

/// <summary>Which outputs of a container its pod does not want to be sent.</summary>
[Flags]
internal enum ExcludedOutputs
{
    None = 0,
    Stdout = 1,
    Stderr = 2,
    Both = Stdout | Stderr,
}
