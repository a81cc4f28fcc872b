namespace Shipper.Processing.Assembling;

/// <summary>Result of <see cref="Assembler.Add"/>.</summary>
internal enum AddResult : byte
{
    /// <summary>The line is held because its record is not complete.</summary>
    Held,

    /// <summary>The line completes a record.</summary>
    Record,

    /// <summary>An older record comes first. The line was not taken, and must be passed again.</summary>
    OlderRecordFirst,
}
