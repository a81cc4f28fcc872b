namespace Shipper.Terminal;

/// <summary>Characters of the output. ASCII only if the locale names another character set than UTF-8; a container usually has no locale, and a terminal that shows UTF-8.</summary>
internal static class Symbols
{
    private static readonly bool IsUtf8 = FindCharacterSet() is "" or "UTF-8" or "UTF8";

    public static string Ellipsis { get; } = IsUtf8 ? "…" : "~";

    public static string Good { get; } = IsUtf8 ? "✓" : "+";

    public static string Note { get; } = "!";

    public static string Bad { get; } = IsUtf8 ? "✗" : "x";

    public static string Dot { get; } = IsUtf8 ? "●" : "*";

    public static string Separator { get; } = IsUtf8 ? " · " : " | ";

    public static string Bar { get; } = IsUtf8 ? "█" : "#";

    public static string Arrow { get; } = IsUtf8 ? "↳" : ">";

    public static string Up { get; } = IsUtf8 ? "▲" : "^";

    public static string Down { get; } = IsUtf8 ? "▼" : "v";

    private static string FindCharacterSet()
    {
        string? locale = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale switch
        {
            null => "",
            "C" or "POSIX" => "ASCII",
            _ => locale.IndexOf('.', StringComparison.Ordinal) is >= 0 and int dot ? locale[(dot + 1)..].Split('@')[0].ToUpperInvariant() : "",
        };
    }
}
