using System.Globalization;
using System.Text;
using Shipper.Records;

namespace Shipper.Processing.Cases;

/// <summary>Collects what becomes of records.</summary>
internal sealed class OutcomeList : IRecordSink
{
    private readonly List<RecordOutcome> _all = [];

    /// <summary>What became of all records, in their order.</summary>
    public IReadOnlyList<RecordOutcome> All => _all;

    public void OnAssembled(scoped in RecordDraft draft)
    {
        // Only what becomes of it counts.
    }

    public void OnProcessed(scoped in ProcessedRecord record) =>
        _all.Add(new RecordOutcome(Encoding.UTF8.GetString(record.Line), record.Level, ToPairs(in record), record.DropReason));

    private static List<KeyValuePair<string, string>> ToPairs(scoped in ProcessedRecord record)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        for (ReadOnlySpan<byte> rest = record.Metadata; !rest.IsEmpty;)
        {
            rest = EntryMetadata.Read(rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            pairs.Add(KeyValuePair.Create(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }

        if (record.TruncatedBytes > 0)
        {
            pairs.Add(KeyValuePair.Create("truncated_bytes", record.TruncatedBytes.ToString(CultureInfo.InvariantCulture)));
        }

        return pairs;
    }
}
