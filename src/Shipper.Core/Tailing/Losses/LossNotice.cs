using System.Globalization;
using System.Text;
using Shipper.Checkpoints;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Tailing.Losses;

/// <summary>The entry that reports a loss in its stream.</summary>
internal static class LossNotice
{
    /// <summary>Returns the entry's line.</summary>
    public static byte[] Line(Loss loss)
    {
        if (loss.Text is { } text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        string when = loss.FromNs > 0 ? $"between {Format(loss.FromNs)} and {Format(Math.Max(loss.FromNs, loss.ToNs))}" : $"before {Format(loss.ToNs)}";
        if (loss.Bytes == 0)
        {
            return Encoding.UTF8.GetBytes($"shipper: bytes of this log {when} may be lost (their number is unknown): the file had been deleted or emptied when the agent started");
        }

        string why = string.Join("; ", loss.ReasonList.Select(Describe));
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"shipper: {loss.Bytes} bytes of this log {when} were lost: {why}"));
    }

    /// <summary>Returns the entry's structured metadata: the number of lost bytes and the reasons, in addition to that of every record of the stream.</summary>
    public static byte[] Metadata(Loss loss) => loss.Text is not null ? loss.Attributes!.Metadata :
    [
        .. loss.Attributes!.Metadata,
        .. EntryMetadata.Encode("lost_bytes"u8, Encoding.UTF8.GetBytes(loss.Bytes.ToString(CultureInfo.InvariantCulture))),
        .. EntryMetadata.Encode("lost_reason"u8, Encoding.UTF8.GetBytes(loss.Reasons)),
    ];

    private static string Describe(string reason) => reason switch
    {
        LossReasons.Deleted => "the file was deleted before it could be read",
        LossReasons.Truncated => "the file was emptied before it could be read",
        LossReasons.HeldBytes => "no more deleted files could be held open (heldBytes)",
        LossReasons.DamagedGzip => "the compressed file is damaged or truncated (if it is truncated, the number of bytes is an estimate)",
        LossReasons.Unreadable => "the disk reported errors",
        LossReasons.NulBytes => "the file has NUL bytes in their place, as after a power loss",
        _ => reason,
    };

    private static string Format(long timeNs) => UnixTime.ToDateTime(timeNs).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
