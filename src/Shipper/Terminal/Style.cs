namespace Shipper.Terminal;

/// <summary>Colors for a terminal, or none. Source: ECMA-48, 8.3.117 (SGR).</summary>
/// <param name="isColored">False to write plain text.</param>
internal sealed class Style(bool isColored)
{
    private static readonly int[] PodColors = [31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96];

    /// <summary>Decides whether to write colors to standard output. Source of NO_COLOR: https://no-color.org/.</summary>
    /// <param name="choice"><c>auto</c>, <c>always</c> or <c>never</c>.</param>
    public static Style For(string choice) => new(choice switch
    {
        "always" => true,
        "never" => false,
        _ => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    });

    public string Bold(string text) => Write("1", text);

    public string Dim(string text) => Write("2", text);

    public string Invert(string text) => Write("7", text);

    /// <summary>Green, amber or red, for <see cref="Status.Severities"/> and for steps.</summary>
    public string Severity(string severity, string text) => Write(
        severity switch
        {
            "ok" => "32",
            "notice" or "note" => "33",
            _ => "31",
        },
        text);

    /// <summary>The color of a level.</summary>
    public string Level(string level, string text) => level switch
    {
        "error" or "fatal" or "critical" => Write("31", text),
        "warn" => Write("33", text),
        "debug" or "trace" => Write("2", text),
        _ => text,
    };

    /// <summary>A color that is always the same for a name.</summary>
    public string Named(string name, string text)
    {
        uint hash = 2166136261;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return Write(PodColors[hash % (uint)PodColors.Length].ToString(System.Globalization.CultureInfo.InvariantCulture), text);
    }

    private string Write(string code, string text) => isColored && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
