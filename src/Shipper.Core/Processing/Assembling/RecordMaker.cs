using Shipper.Processing.Levels;
using Shipper.Records;

namespace Shipper.Processing.Assembling;

/// <summary>Makes records from lines and from groups, and remembers where the last record was.</summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
/// <param name="capacity">The largest maximum line size of any source.</param>
internal sealed class RecordMaker(int capacity)
{
    // The text of the last group. Its buffer and the one of the open group are exchanged, so that a line can begin a group while the group before it is a record.
    private byte[] _spare = GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>True once this turn has produced a record.</summary>
    public bool HasMadeRecord { get; set; }

    /// <summary>
    /// For the last record: the ordinal of the file with its first part, and the number of bytes that its parts take in the file that is being read.
    /// </summary>
    public (int FirstOrdinal, long Bytes) LastRecord { get; set; }

    /// <summary>Makes a record from a line.</summary>
    /// <returns><see cref="AddResult.Record"/>.</returns>
    public AddResult Make(scoped in AssembledLine line, LogOutput output, ref RecordDraft draft)
    {
        Begin(output, line.Ordinal, line.FileBytes, line.TimestampNs, ref draft);
        draft.Line = line.Content;
        draft.IsAscii = line.IsAscii;
        draft.Length = line.Length;
        draft.HiddenKey = line.HiddenKey;
        draft.IsRemainder = line.IsRemainder;
        return AddResult.Record;
    }

    /// <summary>Makes a record from a group, and ends the group.</summary>
    public void Make(LineGroup group, LogOutput output, ref RecordDraft draft)
    {
        Begin(output, group.Ordinal, group.FileBytes, group.TimestampNs, ref draft);
        draft.Lines = group.Lines;
        draft.HiddenKey = group.HiddenKey;
        draft.IsAscii = group.IsAscii;
        draft.Line = group.Close(ref _spare, out long removedBytes);
        draft.Length = draft.Line.Length;
        draft.RemovedBytes = removedBytes;
        draft.IsRemainder = false;
    }

    private void Begin(LogOutput output, int ordinal, long fileBytes, long timestampNs, ref RecordDraft draft)
    {
        HasMadeRecord = true;
        LastRecord = (ordinal, fileBytes);
        draft.TimestampNs = timestampNs;
        draft.Output = output;
        draft.Lines = 1;
        draft.RemovedBytes = 0;
        draft.Level = RecordLevel.None;
        draft.FoundFields = null;
    }
}
