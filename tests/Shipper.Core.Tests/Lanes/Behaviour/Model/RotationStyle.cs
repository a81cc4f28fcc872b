namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>How a log is rotated.</summary>
internal enum RotationStyle
{
    /// <summary>kubelet: renamed with a time, and the previous rotated file is compressed.</summary>
    Dated,

    /// <summary>Docker and logrotate: the numbers of all rotated files increase by one.</summary>
    Numbered,

    /// <summary>logrotate's copytruncate: copied, then truncated.</summary>
    CopyTruncate,

    /// <summary>lumberjack: renamed to <c>NAME-TIME.log</c>, which also matches the glob.</summary>
    Lumberjack,

    /// <summary>log4j and logback: renamed to <c>NAME.DATE.N.log</c>.</summary>
    Log4j,
}
