using Shipper.Processing.Literals;

namespace Shipper.Processing.Rules;

/// <summary>Tests whether a text has one of some literals. Immutable and thread-safe.</summary>
internal sealed class LiteralTest
{
    // A single literal is found faster without a set.
    private readonly byte[]? _single;
    private readonly LiteralSet? _set;

    /// <param name="literals">At least one.</param>
    public LiteralTest(Literal[] literals)
    {
        if (literals is [{ IgnoreCase: false } single])
        {
            _single = single.Text;
        }
        else
        {
            _set = new LiteralSet(literals);
        }
    }

    public bool IsIn(ReadOnlySpan<byte> text) => _set is null ? text.IndexOf(_single) >= 0 : _set.ContainsAny(text);
}
