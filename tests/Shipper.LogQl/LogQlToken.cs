namespace Shipper.LogQl;

/// <summary>A token of LogQL.</summary>
/// <param name="Value">Its text; for a string, the unquoted text.</param>
/// <param name="Position">Position of its first character in the query.</param>
internal readonly record struct LogQlToken(LogQlTokenKind Kind, string Value, int Position)
{
    public bool Is(string keywordOrSymbol) => Kind is LogQlTokenKind.Keyword or LogQlTokenKind.Symbol && Value == keywordOrSymbol;
}
