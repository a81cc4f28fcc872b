using Shipper.Checkpoints;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Progress of a turn of reading: the generation that is being read, and generations that the turn has read to their end. The latter have no final position
/// while a line or group that began in them is held.
/// </summary>
/// <remarks>Not thread-safe. Each lane has one.</remarks>
/// <param name="assembler">Holds partial lines and groups.</param>
internal sealed class ReadPositions(Assembler assembler)
{
    private readonly List<(Generation Generation, int Ordinal, long End, FilePosition OpenBytes)> _passed = [];

    /// <summary>The generation that is being read; null between two turns.</summary>
    public Generation? Generation { get; private set; }

    /// <summary>The generation's position at the start of the turn. Lines that begin before the position of their output have been processed.</summary>
    public FilePosition Floor { get; private set; }

    /// <summary>Begins a turn.</summary>
    public void Begin(Generation first)
    {
        _passed.Clear();
        Enter(first);
    }

    /// <summary>Continues with the next generation.</summary>
    /// <param name="end">Offset at which reading of the current generation ended.</param>
    public void MoveToNext(Generation next, long end)
    {
        Generation!.Progress.ScanTo(end);
        int ordinal = assembler.FileOrdinal;
        (long stdout, long stderr) = assembler.ContinueInNextFile(end);
        _passed.Add((Generation, ordinal, end, new FilePosition(stdout, stderr)));
        Enter(next);
    }

    /// <summary>Adds the bytes of the last record, which was dropped, to the drops of each generation that contains a part of it.</summary>
    /// <param name="reason">One of <see cref="Telemetry.DropReasons"/>.</param>
    /// <param name="records">Number of records to count.</param>
    /// <param name="drops">Receives the drops.</param>
    public void AddDrops(LogOutput output, string reason, int records, List<Drop> drops)
    {
        foreach ((Generation generation, int ordinal, _, FilePosition openBytes) in _passed)
        {
            if (ordinal >= assembler.LastRecord.FirstOrdinal && openBytes[output] > 0)
            {
                Drop.Add(drops, new Drop(generation, reason, 0, openBytes[output]));
            }
        }

        Drop.Add(drops, new Drop(Generation!, reason, records, assembler.LastRecord.Bytes));
    }

    /// <summary>Ends the turn.</summary>
    public void End() => Generation = null;

    /// <summary>Stores the positions in the generations, and adds them to the mark.</summary>
    /// <param name="lineStart">Offset of the first line that was not consumed.</param>
    /// <param name="taken">The bytes before that offset that are still in the read buffer.</param>
    /// <param name="mark">Receives the positions of the generations that moved.</param>
    public void Save(long lineStart, ReadOnlySpan<byte> taken, FileMark mark)
    {
        for (int i = _passed.Count - 1; i >= 0; i--)
        {
            (Generation generation, int ordinal, long end, _) = _passed[i];
            Save(generation, ordinal, end, default, [], mark);
            if (!assembler.IsHolding)
            {
                _passed.RemoveAt(i);
            }
        }

        Save(Generation!, assembler.FileOrdinal, lineStart, Floor, taken, mark);
    }

    private void Enter(Generation generation)
    {
        Generation = generation;
        Floor = generation.ReadPosition;
    }

    private void Save(Generation generation, int ordinal, long lineStart, FilePosition floor, ReadOnlySpan<byte> taken, FileMark mark)
    {
        var position = new FilePosition(
            assembler.PositionOf(LogOutput.Stdout, ordinal, generation.ReadPosition.Stdout, Math.Max(floor.Stdout, lineStart)),
            assembler.PositionOf(LogOutput.Stderr, ordinal, generation.ReadPosition.Stderr, Math.Max(floor.Stderr, lineStart)));
        if (position != generation.ReadPosition)
        {
            long start = generation.ReadPosition.Min;
            generation.Progress.MoveTo(position);
            generation.UpdateProof(position.Max == lineStart ? taken : []);
            mark.Positions.Add(new FileMark.MovedPosition(generation, start, position, generation.Proof));
        }
    }
}
