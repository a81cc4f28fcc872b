namespace Shipper.Native;

/// <summary>What the operating system says when a file can't be used.</summary>
internal static class IoFailure
{
    /// <summary>True if a file or directory could not be used: it is missing, in the way, damaged or forbidden, or the disk is full.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>The message without its full stop, to go on after it.</summary>
    public static string Text(this Exception exception) => exception.Message.TrimEnd('.');
}
