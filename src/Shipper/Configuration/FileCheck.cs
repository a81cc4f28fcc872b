namespace Shipper.Configuration;

/// <summary>How the files that a configuration names are checked.</summary>
internal enum FileCheck
{
    /// <summary>Files are not checked: the configuration is validated away from its node.</summary>
    None,

    /// <summary>An unusable file is an error.</summary>
    Strict,

    /// <summary>Like <see cref="Strict"/>, but an unusable file that the agent rereads is only a warning: a Secret may be mounted later.</summary>
    Lenient,
}
