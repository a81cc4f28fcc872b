namespace Shipper.Processing.Patterns;

/// <summary>A part of a parsed regex.</summary>
internal abstract record PatternNode
{
    /// <summary>Matches the empty text.</summary>
    public static PatternNode Empty { get; } = new Sequence([]);

    /// <summary>One UTF-16 unit of a class.</summary>
    /// <param name="Class">Index in <see cref="PatternSyntaxTree.Classes"/>.</param>
    public sealed record Unit(int Class) : PatternNode;

    /// <summary>A place between two units.</summary>
    public sealed record Place(PlaceKind Kind) : PatternNode;

    public sealed record Sequence(PatternNode[] Items) : PatternNode;

    /// <summary>Alternatives; the first that matches is preferred.</summary>
    public sealed record Choice(PatternNode[] Items) : PatternNode;

    /// <param name="Most">The maximum count; null if there is none.</param>
    public sealed record Loop(PatternNode Item, int Least, int? Most, bool IsLazy) : PatternNode;
}
