namespace Shipper.Net;

/// <summary>Formats failures for messages.</summary>
internal static class Failure
{
    /// <summary>How many characters of text from outside the agent a message shows by default.</summary>
    private const int MaxChars = 512;

    /// <summary>Describes a failure by its innermost exception, which is the specific one: "Connection refused", not "an error occurred".</summary>
    public static string Describe(Exception exception)
    {
        while (exception.InnerException is not null)
        {
            exception = exception.InnerException;
        }

        // The framework's message about a failed proxy tunnel ends with an unmatched quotation mark.
        return exception.Message.TrimEnd('.', '"');
    }

    /// <summary>Truncates a text to a number of characters, and marks the cut with an ellipsis.</summary>
    public static string Shorten(string text, int maxChars = MaxChars) => text.Length > maxChars ? text[..maxChars] + "…" : text;
}
