using System.Globalization;

namespace Shipper.Tests.Faults;

/// <summary>Counts what has become of numbered lines.</summary>
/// <param name="Lost">Lines that were written but are not stored.</param>
/// <param name="Duplicates">Copies beyond the first, including those that a log query would hide.</param>
/// <param name="LateByArrival">Lines that arrived after a later line of the same stream.</param>
/// <param name="LateByTime">Lines with a later time than a later line of the same stream, which readers see in the wrong place.</param>
internal readonly record struct Tally(long Lost, long Duplicates, long LateByArrival, long LateByTime)
{
    /// <summary>The result of a correct delivery.</summary>
    public static Tally None => default;

    public static Tally operator +(Tally left, Tally right) => new(
        left.Lost + right.Lost, left.Duplicates + right.Duplicates, left.LateByArrival + right.LateByArrival, left.LateByTime + right.LateByTime);

    /// <summary>Counts one stream.</summary>
    /// <param name="written">Number of lines written, from 0 on.</param>
    /// <param name="stored">The stored lines, in the order of arrival.</param>
    /// <param name="findings">Receives descriptions of the lost, duplicated and late lines.</param>
    public static Tally Of(int written, IReadOnlyList<StoredLine> stored, ICollection<string>? findings = null)
    {
        var seen = new bool[written];
        var copies = new LineRanges();
        var firsts = new List<(long TimestampNs, int Number)>(stored.Count);

        // Entries that report a loss are not lines of the pod.
        foreach (StoredLine line in stored.Where(line => !line.IsMarker))
        {
            int number = PodLog.NumberOf(line.Text);
            if (seen[number])
            {
                copies.Add(number);
                continue;
            }

            seen[number] = true;
            firsts.Add((line.TimestampNs, number));
        }

        var lost = new LineRanges();
        for (int number = 0; number < written; number++)
        {
            if (!seen[number])
            {
                lost.Add(number);
            }
        }

        LineRanges byArrival = FindLate(firsts);

        // Lines with equal times keep the order of arrival.
        LineRanges byTime = FindLate(firsts.OrderBy(line => line.TimestampNs));
        lost.Describe("lost", findings);
        copies.Describe("duplicated", findings);
        byArrival.Describe("out of order by arrival", findings);
        byTime.Describe("out of order by time", findings);
        return new Tally(lost.Count, copies.Count, byArrival.Count, byTime.Count);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Lost} lost, {Duplicates} duplicated, {LateByArrival} out of order by arrival, {LateByTime} by time");

    private static LineRanges FindLate(IEnumerable<(long TimestampNs, int Number)> lines)
    {
        var late = new LineRanges();
        int newest = -1;
        foreach ((_, int number) in lines)
        {
            if (number < newest)
            {
                late.Add(number, newest);
            }

            newest = Math.Max(newest, number);
        }

        return late;
    }
}
