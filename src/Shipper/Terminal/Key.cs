namespace Shipper.Terminal;

/// <summary>What a key does. A key that types something is <see cref="Character"/>.</summary>
internal enum KeyKind
{
    None,
    Character,
    Enter,
    Escape,
    Backspace,
    Interrupt,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

/// <summary>A key that was pressed.</summary>
/// <param name="Text">What the key types.</param>
internal readonly record struct Key(KeyKind Kind, string Text)
{
    public static Key Of(KeyKind kind) => new(kind, "");
}
