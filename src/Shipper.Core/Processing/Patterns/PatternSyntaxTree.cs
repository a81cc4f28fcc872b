namespace Shipper.Processing.Patterns;

/// <summary>A parsed regex.</summary>
/// <param name="Root">The whole regex.</param>
/// <param name="Classes">The different classes of characters, as ranges of UTF-16 units.</param>
internal sealed record PatternSyntaxTree(PatternNode Root, IReadOnlyList<(char First, char Last)[]> Classes);
