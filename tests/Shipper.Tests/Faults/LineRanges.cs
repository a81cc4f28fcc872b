using System.Globalization;

namespace Shipper.Tests.Faults;

/// <summary>Collects line numbers and shows them as ranges in the message of a failure.</summary>
internal sealed class LineRanges
{
    private const int MaxShown = 10;

    private readonly List<(int First, int Last, int? Behind)> _ranges = [];

    /// <summary>Number of lines added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a line.</summary>
    /// <param name="behind">A later line that precedes this one; null if there is none.</param>
    public void Add(int number, int? behind = null)
    {
        Count++;
        if (_ranges is [.., var range] && range.Last == number - 1 && range.Behind == behind)
        {
            _ranges[^1] = range with { Last = number };
        }
        else
        {
            _ranges.Add((number, number, behind));
        }
    }

    /// <summary>Adds a description of the lines to the findings, if there are any lines.</summary>
    public void Describe(string what, ICollection<string>? findings)
    {
        if (Count > 0)
        {
            IEnumerable<string> shown = _ranges.Take(MaxShown).Select(range => string.Create(
                CultureInfo.InvariantCulture,
                $"{(range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}")}{(range.Behind is { } behind ? $" behind {behind}" : "")}"));
            findings?.Add($"{what}: {string.Join(", ", shown)}{(_ranges.Count > MaxShown ? $" and {_ranges.Count - MaxShown} more" : "")}");
        }
    }
}
