using System.Globalization;

namespace Shipper.Testing.Loki;

/// <summary>Formats times and sizes as Loki's messages do.</summary>
internal static class GoFormat
{
    private const long NanosecondsPerTick = 100;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static string Rfc3339(long timestampNs) =>
        new DateTime(DateTime.UnixEpoch.Ticks + (timestampNs / NanosecondsPerTick), DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Formats a time like Go's time.Time.String.</summary>
    public static string Time(long timestampNs)
    {
        string second = new DateTime(DateTime.UnixEpoch.Ticks + (timestampNs / NanosecondsPerTick), DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string fraction = (timestampNs % NanosecondsPerSecond).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return fraction.Length == 0 ? $"{second} +0000 UTC" : $"{second}.{fraction} +0000 UTC";
    }

    /// <summary>Formats a size in the largest unit that divides it evenly.</summary>
    public static string Size(long bytes) =>
        bytes > 0 && bytes % (1024 * 1024) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)}MB")
        : bytes > 0 && bytes % 1024 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024}KB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes}B");
}
