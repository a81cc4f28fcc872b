namespace Shipper.LogQl;

/// <summary>A token of LogQL.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its text; of a string what it stands for.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct LogQlToken(LogQlTokenKind Kind, string Value, int Position)
{
    public bool Is(string keywordOrSymbol) => Kind is LogQlTokenKind.Keyword or LogQlTokenKind.Symbol && Value == keywordOrSymbol;
}
