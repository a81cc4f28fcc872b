using Shipper.Processing.Redaction;

namespace Shipper.Processing.Assembling;

/// <summary>A complete line, its parts joined, on its way into a group. Lives on the stack, and its content is a view of a buffer.</summary>
internal readonly ref struct AssembledLine
{
    /// <summary>The line's own time, in nanoseconds since 1970.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>The line, or as much of its beginning as can be sent.</summary>
    public required ReadOnlySpan<byte> Content { get; init; }

    /// <summary>Length of the whole line in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>True if <see cref="Content"/> is known to be ASCII only.</summary>
    public bool IsAscii { get; init; }

    /// <summary>Which of the lines around a private key came last in the part of the line that <see cref="Content"/> does not contain.</summary>
    public KeyMark HiddenKey { get; init; }

    /// <summary>True for the rest of a line that was so long that its beginning has already become a record.</summary>
    public bool IsRemainder { get; init; }

    /// <summary>True if the line is a record of its own, whatever the rule says: it is the rest of a long line, or it has no header.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Ordinal of the file with the first part, counted by the assembler.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Offset of the first part in that file.</summary>
    public required long Start { get; init; }

    /// <summary>Number of bytes that the line takes in the file that is being read, including headers and newlines.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Offset of the line's end, counted from the place at which reading began.</summary>
    public required long End { get; init; }
}
