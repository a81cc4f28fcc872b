using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Shipper.Demo;

/// <summary>Counts how often each line of each stream was written and delivered.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class DeliveryAudit
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, (int Written, int Delivered)> _lines = [];

    /// <summary>Number of lines written.</summary>
    public long WrittenLines { get; private set; }

    /// <summary>Number of lines delivered. A line that was delivered twice counts twice.</summary>
    public long DeliveredLines { get; private set; }

    /// <summary>Records that a line was written to the log of a stream.</summary>
    public void RecordWritten(string labels, string line)
    {
        lock (_lock)
        {
            WrittenLines++;
            Count(labels, line).Written++;
        }
    }

    /// <summary>Records that a record of a stream was delivered. The lines of a stack trace are one record.</summary>
    public void RecordDelivered(string labels, string record)
    {
        lock (_lock)
        {
            foreach (string line in record.Split('\n'))
            {
                DeliveredLines++;
                Count(labels, line).Delivered++;
            }
        }
    }

    /// <summary>Returns how many lines were lost and how many were delivered too often.</summary>
    public (long Lost, long Duplicated) Compare()
    {
        lock (_lock)
        {
            return (
                _lines.Values.Sum(line => (long)Math.Max(0, line.Written - line.Delivered)),
                _lines.Values.Sum(line => (long)Math.Max(0, line.Delivered - line.Written)));
        }
    }

    private ref (int Written, int Delivered) Count(string labels, string line)
    {
        ulong key = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(line), (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(labels)));
        return ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, key, out _);
    }
}
