using System.IO.Hashing;
using System.Text;

namespace Shipper.Processing.Rules;

/// <summary>
/// The hash of a record, which decides whether sampling keeps it. It depends only on the record's own time and bytes, so sampling decides the same if the
/// record is read again.
/// </summary>
/// <param name="name">
/// The name of the rule or limit. Each has hashes of its own: otherwise a rule that keeps one of 100 would keep every record that one of 10 has left over.
/// </param>
internal sealed class RecordHash(string name)
{
    private readonly long _seed = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name));

    public ulong Of(scoped in RecordDraft draft) => XxHash3.HashToUInt64(draft.Line, _seed ^ draft.TimestampNs);
}
