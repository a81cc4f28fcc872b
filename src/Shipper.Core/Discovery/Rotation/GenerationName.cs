using Shipper.Content;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// The name of a log file, parsed for the generation's place in its log: the container restart that it belongs to, and when it was rotated. Sorts oldest first.
/// </summary>
/// <remarks>
/// A log <c>app.log</c> has these names: <c>app.log</c>, the live file; <c>app.log.1</c>, <c>app.log-20261123</c> and the like, which are certainly rotated
/// files of it; <c>app.1.log</c>, <c>app-2026-11-23.log</c> and the like, which may also be logs of their own (<see cref="FileOwners"/> decides). Each of them
/// may be compressed. kubelet's <c>.tmp</c> is an unfinished copy and not a generation.
/// </remarks>
internal readonly record struct GenerationName : IComparable<GenerationName>
{
    private const int MaxExtension = 8;

    private static readonly RotationTag NoTag = new(RotationTagKind.Number, -1, "", "", IsExact: false, HasSeparator: true);

    private readonly Rank _rank;
    private readonly RotationTag _tag;

    private GenerationName(string fileName, int restart, FileCompression compression, Rank rank, RotationTag tag, bool isCertain)
    {
        FileName = fileName;
        Restart = restart;
        Compression = compression;
        IsCertain = isCertain;
        _rank = rank;
        _tag = tag;
    }

    /// <summary>The kinds of names in the order of their generations, oldest first.</summary>
    private enum Rank
    {
        Moved,
        Numbered,
        NumberedByTime,
        Timed,
        Live,
    }

    /// <summary>Name of the file, without its directory.</summary>
    public string FileName { get; }

    /// <summary>The container's restart count when it started this log.</summary>
    public int Restart { get; }

    /// <summary>The file's compression, according to its name.</summary>
    public FileCompression Compression { get; }

    /// <summary>True if the file is compressed with gzip, so that it can be read.</summary>
    public bool IsGzip => Compression == FileCompression.Gzip;

    /// <summary>True if the file is the live one, which is being written to.</summary>
    public bool IsLive => _rank == Rank.Live;

    /// <summary>True if no other log can have a file with this name.</summary>
    public bool IsCertain { get; }

    /// <summary>True if the file was renamed to a name that is not one of the log's: only the content shows that the file belongs to the log.</summary>
    public bool IsRenamed => _rank == Rank.Moved;

    /// <summary>The number or time in the name; null if there is none.</summary>
    public RotationTag? Tag => _tag == NoTag || IsRenamed || IsLive ? null : _tag;

    /// <summary>True if the names of two such files may not show which file is older.</summary>
    public bool IsOrderAmbiguous => _rank == Rank.NumberedByTime || (_rank == Rank.Timed && !_tag.IsExact);

    /// <summary>True if the name has a number, and it is unknown whether the largest number is the oldest or the newest file.</summary>
    public bool IsNumbered => _rank == Rank.NumberedByTime;

    /// <summary>The file's place among the names that don't show their order, as determined by <see cref="RotationOrder"/>.</summary>
    public int Order { get; init; }

    /// <summary>The name without <c>.gz</c>, which stays the same when a generation is compressed.</summary>
    public ReadOnlySpan<char> Stem => FileName.AsSpan(0, FileName.Length - CompressedName.SuffixLength(FileName));

    /// <summary>Creates the name of a known file that was renamed to a name that is not one of the log's.</summary>
    public static GenerationName FromRenamed(string fileName, int restart) =>
        new(fileName, restart, CompressedName.Detect(fileName), Rank.Moved, NoTag, isCertain: false);

    /// <summary>Parses the name of a file as one of a log's names.</summary>
    /// <param name="fileName">The file's name.</param>
    /// <param name="logName">The name of the log's live file.</param>
    /// <param name="restart">The restart count that <paramref name="logName"/> belongs to.</param>
    /// <param name="name">The parsed name.</param>
    /// <returns>False if no file of the log can have such a name.</returns>
    public static bool TryParse(string fileName, string logName, int restart, out GenerationName name)
    {
        name = default;
        FileCompression compression = CompressedName.Detect(fileName);
        if (fileName == logName)
        {
            // A log may be compressed under its own name. Then nobody writes to it.
            name = new GenerationName(fileName, restart, compression, compression == FileCompression.None ? Rank.Live : Rank.Numbered, NoTag, isCertain: true);
            return true;
        }

        ReadOnlySpan<char> stem = fileName.AsSpan(0, fileName.Length - CompressedName.SuffixLength(fileName));
        if (stem.SequenceEqual(logName))
        {
            name = new GenerationName(fileName, restart, compression, Rank.Numbered, NoTag, isCertain: true);
            return true;
        }

        int extension = ExtensionOf(logName);
        if (stem.StartsWith(logName, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> suffix = stem[logName.Length..];
            bool isCertain = true;
            if (!RotationTag.TryParse(suffix, out RotationTag tag))
            {
                // logrotate's addextension creates app.log.1.old, and app.1.log for a log named app.
                int end = suffix.Length - ExtensionOf(suffix);
                isCertain = false;
                if (end == suffix.Length || suffix[end..] is ".tmp" || !RotationTag.TryParse(suffix[..end], out tag))
                {
                    return false;
                }
            }

            // If the log's name has no extension, app-1 may be a log of its own.
            isCertain &= extension > 0 || suffix[0] == '.' || tag.Kind == RotationTagKind.Time;
            name = Create(fileName, restart, compression, tag, isCertain);
            return tag.HasSeparator || tag.Kind == RotationTagKind.Time;
        }

        int baseLength = logName.Length - extension;
        if (extension == 0 || baseLength == 0 || stem.Length <= logName.Length
            || !stem.StartsWith(logName.AsSpan(0, baseLength), StringComparison.Ordinal) || !stem.EndsWith(logName.AsSpan(baseLength), StringComparison.Ordinal)
            || !RotationTag.TryParse(stem[baseLength..^extension], out RotationTag between)
            || between.Kind == RotationTagKind.Other || !(between.HasSeparator || between.Kind == RotationTagKind.Time))
        {
            return false;
        }

        name = Create(fileName, restart, compression, between, isCertain: false);
        return true;
    }

    /// <summary>Returns the length of a name's extension, including the dot; 0 if it has none.</summary>
    public static int ExtensionOf(ReadOnlySpan<char> name)
    {
        int dot = name.LastIndexOf('.');
        ReadOnlySpan<char> extension = name[(dot + 1)..];
        return dot >= 0 && extension.Length is > 0 and <= MaxExtension && char.IsAsciiLetter(extension[0]) ? extension.Length + 1 : 0;
    }

    public int CompareTo(GenerationName other)
    {
        int order = Restart.CompareTo(other.Restart);
        order = order == 0 ? _rank.CompareTo(other._rank) : order;
        if (order == 0 && _rank == Rank.Numbered)
        {
            // The larger the number, the older the file.
            order = other._tag.Number.CompareTo(_tag.Number);
        }

        order = order == 0 ? string.CompareOrdinal(_tag.Date, other._tag.Date) : order;
        order = order == 0 ? Order.CompareTo(other.Order) : order;
        order = order == 0 ? string.CompareOrdinal(_tag.Rest, other._tag.Rest) : order;
        return order == 0 ? _tag.Number.CompareTo(other._tag.Number) : order;
    }

    private static GenerationName Create(string fileName, int restart, FileCompression compression, RotationTag tag, bool isCertain) =>
        new(fileName, restart, compression, tag.Kind != RotationTagKind.Number ? Rank.Timed : isCertain ? Rank.Numbered : Rank.NumberedByTime, tag, isCertain);
}
