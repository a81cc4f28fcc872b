using System.Globalization;
using System.Runtime.CompilerServices;

namespace Shipper.Processing.Multiline;

/// <summary>
/// What <see cref="AutoRule"/> knows about the beginnings of an output's records: how often each kind began a record, and how many lines began as any text may.
/// Packed into <see cref="OutputMemory.Learned"/>, a byte for each <see cref="RecordStart"/>; 0 if nothing is known.
/// </summary>
internal struct LearnedStarts(ulong packed)
{
    /// <summary>Number of records after which the beginnings are known.</summary>
    public const int MinRecords = 4;

    /// <summary>A counter that reaches this number halves all of them, so that the last records count most.</summary>
    private const int MaxCount = 64;

    /// <summary>A level or a bracket begins records if at least one of this many does.</summary>
    private const int RareShare = 8;

    private const int Kinds = 8;
    private const int Bits = 8;

    /// <summary>The value to store.</summary>
    public ulong Packed { get; private set; } = packed;

    /// <summary>Number of records with a known beginning.</summary>
    private readonly int Records
    {
        get
        {
            // The sum of six bytes, in two steps: of pairs of bytes, and of these.
            ulong counts = Packed & (((1UL << ((int)(RecordStart.Bracket + 1) * Bits)) - 1) & ~0xFFUL);
            ulong pairs = (counts & 0x00FF00FF00FF00FF) + ((counts >> Bits) & 0x00FF00FF00FF00FF);
            return (int)((pairs * 0x0001000100010001) >> 48);
        }
    }

    /// <summary>
    /// Returns true if nearly all records begin in a known way. Then a line that does not belongs to the record before it. At most one line for every two
    /// records may look like free text: otherwise lines that have nothing to do with each other would be joined.
    /// </summary>
    /// <param name="freeLines">Number of lines that look like free text, and are not counted yet.</param>
    public readonly bool IsKnown(int freeLines) => Packed != 0 && IsKnown(Records, freeLines);

    /// <summary>Describes what is known, for people: <c>records begin with a time (40 of 41)</c>.</summary>
    public readonly string Describe()
    {
        int records = Records;
        if (!IsKnown(freeLines: 0))
        {
            return string.Create(CultureInfo.InvariantCulture, $"not known yet how records begin ({records} of {MinRecords} needed)");
        }

        RecordStart most = RecordStart.Time;
        for (RecordStart kind = RecordStart.Klog; kind <= RecordStart.Bracket; kind++)
        {
            most = Count(kind) > Count(most) ? kind : most;
        }

        return string.Create(CultureInfo.InvariantCulture, $"records begin with a {most.ToString().ToLowerInvariant()} ({Count(most)} of the last {records})");
    }

    /// <summary>Returns true if a line that begins like this begins a record.</summary>
    public readonly bool Begins(RecordStart start) => start switch
    {
        RecordStart.None or RecordStart.Json => false,

        // "INFO: " and "[" may also be at the start of a message's second line.
        RecordStart.Level or RecordStart.Bracket => Begins(start, Records),
        _ => true,
    };

    /// <summary>Returns the answers of <see cref="IsKnown(int)"/> and <see cref="Begins(RecordStart)"/>, to compare them.</summary>
    /// <param name="freeLines">Number of lines that look like free text, and are not counted yet.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (bool IsKnown, bool Level, bool Bracket) Decide(int freeLines)
    {
        int records = Records;
        return (IsKnown(records, freeLines), Begins(RecordStart.Level, records), Begins(RecordStart.Bracket, records));
    }

    /// <summary>Counts lines that begin in one way.</summary>
    public void Add(RecordStart start, int lines)
    {
        if (lines == 0)
        {
            return;
        }

        int count = Math.Min(Count(start) + lines, 2 * MaxCount);
        Set(start, count);
        for (; count >= MaxCount; count /= 2)
        {
            for (int kind = 0; kind < Kinds; kind++)
            {
                Set((RecordStart)kind, Count((RecordStart)kind) / 2);
            }
        }
    }

    private readonly bool IsKnown(int records, int freeLines) => records >= MinRecords && 2 * (Count(RecordStart.None) + freeLines) <= records;

    private readonly bool Begins(RecordStart start, int records) => RareShare * Count(start) >= records;

    private readonly int Count(RecordStart start) => (byte)(Packed >> ((int)start * Bits));

    private void Set(RecordStart start, int count)
    {
        int shift = (int)start * Bits;
        Packed = (Packed & ~(0xFFUL << shift)) | ((ulong)count << shift);
    }
}
