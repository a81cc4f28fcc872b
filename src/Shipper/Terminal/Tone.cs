namespace Shipper.Terminal;

/// <summary>The look of a text, as the parameters of the escape sequence SGR; empty for the terminal's default.</summary>
internal readonly record struct Tone(string Code)
{
    public static Tone Plain { get; } = new("");

    public static Tone Dim { get; } = new("2");

    public static Tone Bold { get; } = new("1");

    public static Tone Reverse { get; } = new("7");

    public static Tone Green { get; } = new("32");

    public static Tone Amber { get; } = new("33");

    public static Tone Red { get; } = new("31");

    public static Tone Cyan { get; } = new("36");

    public static Tone Blue { get; } = new("34");
}
