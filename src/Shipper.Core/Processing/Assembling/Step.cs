namespace Shipper.Processing.Assembling;

/// <summary>Result of giving a line to the <see cref="Assembler"/>.</summary>
internal enum Step : byte
{
    /// <summary>The line is held, because its record is not complete yet.</summary>
    Held,

    /// <summary>The line completes a record.</summary>
    Record,

    /// <summary>An older record comes first. The line was not taken: give it again.</summary>
    RecordFirst,
}
