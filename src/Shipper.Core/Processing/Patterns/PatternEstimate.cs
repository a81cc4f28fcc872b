namespace Shipper.Processing.Patterns;

/// <summary>
/// Estimates what a regex costs on the engine of .NET, which builds automata while it matches. For most regexes they stay far below 1 MiB. If parts that
/// overlap are counted, as in <c>(.{0,32}foo){2}x</c>, one line of 16 KiB could take minutes and gigabytes.
/// </summary>
internal static class PatternEstimate
{
    /// <summary>
    /// Maximum size in bytes of the tables for a regex of the configuration. Up to it, .NET was measured to need at most 80 MiB, and one to two seconds in
    /// all to build its automata.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    private const int MaxClasses = 250;
    private const int MaxInstructions = 10_000;

    /// <summary>Returns true if the regex is too large for the configuration. A regex with a rare construct is not.</summary>
    /// <param name="pattern">A regex that .NET accepts and can match without backtracking.</param>
    public static bool IsTooLarge(string pattern)
    {
        if (PatternParser.Parse(pattern, MaxClasses) is not { } tree)
        {
            return false;
        }

        return !Fits(tree, isReversed: false) || !Fits(tree, isReversed: true);
    }

    /// <summary>.NET finds a match in both directions.</summary>
    private static bool Fits(PatternSyntaxTree tree, bool isReversed) =>
        PatternProgram.Create(tree.Root, MaxInstructions, isReversed) is { } program
        && (UnitKinds.Of(tree, program) is not { } kinds
            || AutomatonBuilder.Build(program, tree, kinds, AutomatonKind.End, MaxBytes / sizeof(ushort)) is not null);
}
