namespace Shipper.Configuration;

/// <summary>How the files that a configuration names are checked.</summary>
internal enum FileCheck
{
    /// <summary>Not at all: the configuration is checked away from its node.</summary>
    None,

    /// <summary>An unusable file is an error.</summary>
    Strict,

    /// <summary>As <see cref="Strict"/>, but an unusable file that the agent rereads is only a warning: a Secret may be mounted later.</summary>
    Running,
}
