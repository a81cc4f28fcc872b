namespace Shipper.Native;

/// <summary>Recognizes and describes failures to use a file.</summary>
internal static class IoFailure
{
    /// <summary>
    /// Returns true if a file or directory could not be used, for example because it is missing, damaged or forbidden, or because the disk is full.
    /// </summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Returns the message without its period, so that a sentence can continue after it.</summary>
    public static string MessageWithoutPeriod(this Exception exception) => exception.Message.TrimEnd('.');
}
