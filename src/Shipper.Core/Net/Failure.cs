namespace Shipper.Net;

/// <summary>The text of a failure, as messages show it.</summary>
internal static class Failure
{
    /// <summary>Characters of somebody else's text that are shown.</summary>
    private const int MaxChars = 512;

    /// <summary>Describes what went wrong. The innermost message says what happened: "Connection refused", not "an error occurred".</summary>
    public static string Describe(Exception exception)
    {
        while (exception.InnerException is not null)
        {
            exception = exception.InnerException;
        }

        // The framework's message about a proxy's tunnel ends in a quotation mark that nothing opens.
        return exception.Message.TrimEnd('.', '"');
    }

    /// <summary>Cuts a long text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxChars">How many characters of it are shown.</param>
    public static string Shorten(string text, int maxChars = MaxChars) => text.Length > maxChars ? text[..maxChars] + "…" : text;
}
