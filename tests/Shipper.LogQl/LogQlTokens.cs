namespace Shipper.LogQl;

/// <summary>A cursor over the tokens of a query.</summary>
internal sealed class LogQlTokens(string query)
{
    private readonly IReadOnlyList<LogQlToken> _tokens = LogQlLexer.Split(query);
    private int _index;

    public LogQlToken Current => _tokens[_index];

    public LogQlToken Following => _tokens[Math.Min(_index + 1, _tokens.Count - 1)];

    public LogQlToken Take() => _tokens[_index++];

    public bool TryTake(string keywordOrSymbol)
    {
        bool found = Current.Is(keywordOrSymbol);
        _index += found ? 1 : 0;
        return found;
    }

    public void Expect(string keywordOrSymbol)
    {
        if (!TryTake(keywordOrSymbol))
        {
            throw Unexpected($"\"{keywordOrSymbol}\"");
        }
    }

    public string Expect(LogQlTokenKind kind) => Current.Kind == kind ? Take().Value : throw Unexpected(kind.ToString());

    public FormatException Unexpected(string wanted) => new(
        Current.Kind == LogQlTokenKind.End ? $"the query ends, but {wanted} is expected" : $"\"{Current.Value}\" at {Current.Position}, where {wanted} is expected");

    /// <summary>Parses names in parentheses, possibly none.</summary>
    public List<string> TakeNames()
    {
        Expect("(");
        List<string> names = [];
        if (TryTake(")"))
        {
            return names;
        }

        do
        {
            names.Add(Expect(LogQlTokenKind.Identifier));
        }
        while (TryTake(","));
        Expect(")");
        return names;
    }
}
