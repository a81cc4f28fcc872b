using System.Globalization;

namespace Shipper.Status.Explaining;

/// <summary>Small parts of sentences.</summary>
internal static class StepText
{
    /// <summary>Writes a time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Returns the text with a period at its end.</summary>
    public static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '!' or '?' ? text : text + ".";
}
