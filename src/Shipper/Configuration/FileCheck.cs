namespace Shipper.Configuration;

/// <summary>What is said of the files that a configuration names.</summary>
internal enum FileCheck
{
    /// <summary>Nothing: the configuration is looked at away from its node.</summary>
    None,

    /// <summary>A file that can't be used is an error.</summary>
    Strict,

    /// <summary>As <see cref="Strict"/>, but a file that the agent reads again and again is a warning: a Secret may be mounted later.</summary>
    Running,
}
