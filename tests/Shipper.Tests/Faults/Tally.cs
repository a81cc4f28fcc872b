using System.Globalization;

namespace Shipper.Tests.Faults;

/// <summary>What became of numbered lines.</summary>
/// <param name="Lost">Written and not there.</param>
/// <param name="Twice">There once more than they were written; also where a log query would hide it.</param>
/// <param name="OutOfOrder">There behind a later line of the same stream, by arrival or by time.</param>
internal readonly record struct Tally(long Lost, long Twice, long OutOfOrder)
{
    /// <summary>As it has to be.</summary>
    public static Tally None => default;

    public static Tally operator +(Tally left, Tally right) => new(left.Lost + right.Lost, left.Twice + right.Twice, left.OutOfOrder + right.OutOfOrder);

    /// <summary>Counts one stream.</summary>
    /// <param name="written">How many lines were written, from 0 on.</param>
    /// <param name="stored">What is stored, in the order of its arrival.</param>
    public static Tally Of(int written, IReadOnlyList<StoredLine> stored)
    {
        var seen = new bool[written];
        long twice = 0;
        long outOfOrder = 0;
        int newest = -1;
        var firsts = new List<(long TimestampNs, int Number)>(stored.Count);
        // Beside the lines there is what tells of a loss.
        foreach (StoredLine line in stored.Where(line => !line.IsMarker))
        {
            int number = PodLog.NumberOf(line.Text);
            if (seen[number])
            {
                twice++;
                continue;
            }

            seen[number] = true;
            firsts.Add((line.TimestampNs, number));
            outOfOrder += number < newest ? 1 : 0;
            newest = Math.Max(newest, number);
        }

        // What a reader sees: by time. Equal times keep the order of arrival.
        newest = -1;
        foreach ((_, int number) in firsts.OrderBy(line => line.TimestampNs))
        {
            outOfOrder += number < newest ? 1 : 0;
            newest = Math.Max(newest, number);
        }

        return new Tally(seen.Count(found => !found), twice, outOfOrder);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lost} lost, {Twice} twice, {OutOfOrder} out of order");
}
