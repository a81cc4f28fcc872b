namespace Shipper.Processing;

/// <summary>What happens to ANSI escape sequences in a line: <c>processing.ansi</c>.</summary>
internal enum AnsiAction
{
    /// <summary>They are sent.</summary>
    Keep,

    /// <summary>They are removed.</summary>
    Strip,
}
