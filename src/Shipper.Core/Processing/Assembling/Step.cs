namespace Shipper.Processing.Assembling;

/// <summary>What became of a line that was given to the <see cref="Assembler"/>.</summary>
internal enum Step : byte
{
    /// <summary>It is held: the rest of its record is still to come.</summary>
    Held,

    /// <summary>It completes a record.</summary>
    Record,

    /// <summary>An older record is due before it. The line is not taken: give it again.</summary>
    RecordFirst,
}
