using System.Buffers;
using System.Globalization;

namespace Shipper.Tailing;

/// <summary>
/// What the name of a log file says about its place among the generations of its log: the restart of the container it
/// belongs to, and when it was rotated. Ordered oldest first.
/// </summary>
/// <remarks>
/// Known names, for a log <c>0.log</c>: itself, the live one; kubelet's <c>0.log.20261123-012803</c> and <c>….gz</c>;
/// docker's and logrotate's <c>0.log.1</c>, <c>0.log.2.gz</c> with the larger number older; logrotate's
/// <c>0.log-20261123</c>. kubelet's <c>.tmp</c> is a copy in the making and no generation.
/// </remarks>
internal readonly record struct GenerationName : IComparable<GenerationName>
{
    private const string GzipSuffix = ".gz";
    private const int MaxNumberDigits = 6;

    private static readonly SearchValues<char> SuffixChars = SearchValues.Create("0123456789-_.T:");

    private GenerationName(string fileName, int restart, long number, string date, bool isGzip)
    {
        FileName = fileName;
        Restart = restart;
        _number = number;
        _date = date;
        IsGzip = isGzip;
    }

    // Rotation order: numbered ones (larger first), then dated ones by their text, then the live one.
    private readonly long _number;
    private readonly string _date;

    /// <summary>Name of the file, without its directory.</summary>
    public string FileName { get; }

    /// <summary>How often the container had been restarted when the log was begun.</summary>
    public int Restart { get; }

    /// <summary>True where the file is compressed.</summary>
    public bool IsGzip { get; }

    /// <summary>True for the one that is written to.</summary>
    public bool IsLive => _number == 0 && _date.Length == 0;

    /// <summary>The name without <c>.gz</c>: the same for a generation before and after it is compressed.</summary>
    public ReadOnlySpan<char> Stem => IsGzip ? FileName.AsSpan(0, FileName.Length - GzipSuffix.Length) : FileName;

    /// <summary>Reads a name that begins with the log's own.</summary>
    /// <param name="fileName">The name.</param>
    /// <param name="logName">The log's name, as it is while the log is live.</param>
    /// <param name="restart">The restart that <paramref name="logName"/> belongs to.</param>
    /// <param name="name">What it says.</param>
    /// <returns>False where it is no generation of that log.</returns>
    public static bool TryParse(string fileName, string logName, int restart, out GenerationName name)
    {
        name = default;
        if (!fileName.StartsWith(logName, StringComparison.Ordinal))
        {
            return false;
        }

        // A log may be compressed under its own name: then nothing follows that, and the end is the name's.
        ReadOnlySpan<char> suffix = fileName.AsSpan(logName.Length);
        bool isGzip = (suffix.IsEmpty ? fileName : suffix).EndsWith(GzipSuffix, StringComparison.Ordinal);
        if (isGzip && !suffix.IsEmpty)
        {
            suffix = suffix[..^GzipSuffix.Length];
        }

        if (suffix.IsEmpty)
        {
            name = new GenerationName(fileName, restart, isGzip ? 1 : 0, "", isGzip);
            return true;
        }

        if (suffix.Length < 2 || suffix[0] is not ('.' or '-') || !char.IsAsciiDigit(suffix[1])
            || suffix.ContainsAnyExcept(SuffixChars))
        {
            return false;
        }

        ReadOnlySpan<char> digits = suffix[1..];
        name = digits.Length <= MaxNumberDigits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? new GenerationName(fileName, restart, number + 1, "", isGzip)
            : new GenerationName(fileName, restart, 0, suffix.ToString(), isGzip);
        return true;
    }

    public int CompareTo(GenerationName other)
    {
        int order = Restart.CompareTo(other.Restart);
        if (order == 0)
        {
            order = RotationKind.CompareTo(other.RotationKind);
        }

        if (order == 0)
        {
            order = other._number.CompareTo(_number);
        }

        return order == 0 ? string.CompareOrdinal(_date, other._date) : order;
    }

    private int RotationKind => _number > 0 ? 0 : _date.Length > 0 ? 1 : 2;
}
