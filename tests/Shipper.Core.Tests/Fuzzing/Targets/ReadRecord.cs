using System.Text;
using Shipper.Records;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A record that was read, for comparison.</summary>
internal sealed record ReadRecord(long TimestampNs, string Output, string Line, long TruncatedBytes)
{
    public static ReadRecord Of(in LogRecord record) => new(
        record.TimestampNs,
        record.Metadata.IndexOf("stderr"u8) >= 0 ? "stderr" : "stdout",
        Encoding.UTF8.GetString(record.Line),
        record.TruncatedBytes);
}
