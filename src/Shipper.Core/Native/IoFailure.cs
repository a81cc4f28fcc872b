namespace Shipper.Native;

/// <summary>Recognizes and describes failures to use a file.</summary>
internal static class IoFailure
{
    /// <summary>Returns true if a file or directory could not be used: it is missing, in the way, damaged or forbidden, or the disk is full.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Returns the message without its period, so that a sentence can continue after it.</summary>
    public static string Text(this Exception exception) => exception.Message.TrimEnd('.');
}
