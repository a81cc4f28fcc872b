using Shipper.Processing.Literals;

namespace Shipper.Processing.Rules;

/// <summary>
/// Finds the first of several conditions that a record meets. Most conditions require some literal. The literals of all conditions are searched in one pass,
/// so an ordinary record costs one pass, whatever the number of conditions.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class FirstMatch
{
    // LiteralSet becomes slow with more.
    private const int MaxLiterals = 64;

    private readonly RecordMatcher[] _matchers;
    private readonly LiteralSet? _anyLiteral;

    public FirstMatch(RecordMatcher[] matchers)
    {
        _matchers = matchers;
        Literal[] literals = [.. matchers.SelectMany(matcher => matcher.Required)];
        if (matchers.Count(matcher => matcher.Required.Length > 0) > 1 && literals.Length <= MaxLiterals)
        {
            _anyLiteral = new LiteralSet(literals);
        }
    }

    /// <summary>Returns the index of the first condition that the record meets; -1 if it meets none.</summary>
    public int Find(scoped ref RecordDraft draft, StageContext context)
    {
        bool isSearched = _anyLiteral is null;
        for (int i = 0; i < _matchers.Length; i++)
        {
            RecordMatcher matcher = _matchers[i];
            if (!matcher.CanMatch(in draft))
            {
                continue;
            }

            if (!isSearched && matcher.Required.Length > 0)
            {
                isSearched = true;
                if (!_anyLiteral!.ContainsAny(draft.Line))
                {
                    return FindWithoutLiteral(i + 1, ref draft, context);
                }
            }

            if (matcher.Matches(ref draft, context))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Continues in a record that has no literal of any condition.</summary>
    private int FindWithoutLiteral(int first, scoped ref RecordDraft draft, StageContext context)
    {
        for (int i = first; i < _matchers.Length; i++)
        {
            if (_matchers[i].Required.Length == 0 && _matchers[i].CanMatch(in draft) && _matchers[i].Matches(ref draft, context))
            {
                return i;
            }
        }

        return -1;
    }
}
