using Shipper.Checkpoints;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Where a turn of reading stands: the generation that is being read, and those passed in the same turn whose positions can't
/// be settled while a line that began in them is open.
/// </summary>
/// <remarks>Not safe for concurrent use. A lane has one.</remarks>
/// <param name="open">The open lines.</param>
internal sealed class ReadPositions(OpenLines open)
{
    private readonly List<(Generation Generation, int Ordinal, long End, Offsets OpenBytes)> _passed = [];

    /// <summary>The generation that is being read; null between two turns.</summary>
    public Generation? Generation { get; private set; }

    /// <summary>Its number, counted by this object.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Its position at the start. Lines that begin below their output's are done with.</summary>
    public Offsets Floor { get; private set; }

    /// <summary>Bytes of the generations passed, so that distances can be told across generations.</summary>
    public long PassedBytes { get; private set; }

    /// <summary>A turn begins.</summary>
    public void Begin(Generation first)
    {
        PassedBytes = 0;
        _passed.Clear();
        Enter(first);
    }

    /// <summary>Reading goes on in the next generation.</summary>
    /// <param name="next">The next generation.</param>
    /// <param name="end">Where reading ended in this one.</param>
    public void GoOn(Generation next, long end)
    {
        Generation!.Scanned = end;
        _passed.Add((Generation, Ordinal, end, new Offsets(open[LogOutput.Stdout].FileBytes, open[LogOutput.Stderr].FileBytes)));
        open[LogOutput.Stdout].FileBytes = 0;
        open[LogOutput.Stderr].FileBytes = 0;
        PassedBytes += end;
        Enter(next);
    }

    /// <summary>A line that was joined is dropped: tells how much of it stands where.</summary>
    /// <param name="output">The output it was written to.</param>
    /// <param name="firstOrdinal">The number of the generation that its first part stands in.</param>
    /// <param name="fileBytes">Bytes that its parts take in the generation that is being read.</param>
    /// <param name="reason">Why, one of <see cref="Telemetry.DropReasons"/>.</param>
    /// <param name="records">How many records to count.</param>
    /// <param name="drops">Gets the drops.</param>
    public void AddDrops(LogOutput output, int firstOrdinal, long fileBytes, string reason, long records, List<Drop> drops)
    {
        foreach ((Generation generation, int ordinal, _, Offsets openBytes) in _passed)
        {
            if (ordinal >= firstOrdinal && openBytes[output] > 0)
            {
                Drop.Add(drops, new Drop(generation, reason, 0, openBytes[output]));
            }
        }

        Drop.Add(drops, new Drop(Generation!, reason, records, fileBytes));
    }

    /// <summary>The turn is over.</summary>
    public void End() => Generation = null;

    /// <summary>Writes the positions into the generations, and into the mark.</summary>
    /// <param name="lineStart">Where the first line begins that was not taken.</param>
    /// <param name="taken">The bytes before it that are still in the read buffer.</param>
    /// <param name="mark">Gets the positions of the generations that moved.</param>
    public void Save(long lineStart, ReadOnlySpan<byte> taken, FileMark mark)
    {
        for (int i = _passed.Count - 1; i >= 0; i--)
        {
            (Generation generation, int ordinal, long end, _) = _passed[i];
            Save(generation, ordinal, end, default, [], mark);
            if (!open.HasAny)
            {
                _passed.RemoveAt(i);
            }
        }

        Save(Generation!, Ordinal, lineStart, Floor, taken, mark);
    }

    private void Enter(Generation generation)
    {
        Generation = generation;
        Ordinal++;
        Floor = generation.Read;
    }

    private void Save(Generation generation, int ordinal, long lineStart, Offsets floor, ReadOnlySpan<byte> taken, FileMark mark)
    {
        var position = new Offsets(
            PositionOf(LogOutput.Stdout, generation, ordinal, Math.Max(floor.Stdout, lineStart)),
            PositionOf(LogOutput.Stderr, generation, ordinal, Math.Max(floor.Stderr, lineStart)));
        if (position != generation.Read)
        {
            long start = generation.Read.Min;
            generation.Read = position;
            generation.Prove(position.Max == lineStart ? taken : []);
            mark.Positions.Add(new FileMark.MovedPosition(generation, start, position, generation.Proof));
        }
    }

    /// <summary>
    /// An open line keeps its output at its first part; in generations behind that, where the output began in them, since all of it
    /// there belongs to the open line.
    /// </summary>
    private long PositionOf(LogOutput output, Generation generation, int ordinal, long done)
    {
        OpenLine line = open[output];
        return !line.IsOpen || line.Ordinal > ordinal ? done
            : line.Ordinal == ordinal ? line.Start
            : generation.Read[output];
    }
}
