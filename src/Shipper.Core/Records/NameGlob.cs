using System.IO.Enumeration;

namespace Shipper.Records;

/// <summary>A pattern of names: <c>*</c> stands for any number of characters and <c>?</c> for one. Matching is case-sensitive.</summary>
internal sealed class NameGlob
{
    private readonly string _expression;
    private readonly bool _skipsHidden;

    /// <param name="skipsHidden">True for file names: as in a shell, only a pattern that begins with a dot matches names that begin with a dot.</param>
    /// <param name="hasEscapes">True if <c>\</c> escapes the next character; false if it is an ordinary character.</param>
    public NameGlob(string pattern, bool skipsHidden = false, bool hasEscapes = false)
    {
        _expression = hasEscapes ? pattern : pattern.Replace("\\", "\\\\", StringComparison.Ordinal);
        _skipsHidden = skipsHidden && !pattern.StartsWith('.');
    }

    public bool IsMatch(string name) =>
        !(_skipsHidden && name.StartsWith('.')) && FileSystemName.MatchesSimpleExpression(_expression, name, ignoreCase: false);
}
