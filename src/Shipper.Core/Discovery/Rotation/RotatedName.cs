using Shipper.Content;

namespace Shipper.Discovery.Rotation;

/// <summary>Finds the names that a rotated file may have had while it was live.</summary>
internal static class RotatedName
{
    /// <summary>Enumerates the possible names of the log, longest first.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="isCertain">True to find the logs that the file certainly belongs to; false to find those that it may belong to.</param>
    public static IEnumerable<string> FindLogNames(string name, bool isCertain)
    {
        string stem = name[..^CompressedName.SuffixLength(name)];
        int extension = GenerationName.ExtensionOf(stem);
        for (int end = stem.Length; end > 0; end--)
        {
            if (end < stem.Length && !MayBegin(stem, end))
            {
                continue;
            }

            if (IsOf(name, stem[..end], isCertain))
            {
                yield return stem[..end];
            }

            if (extension > 0 && end < stem.Length - extension && IsOf(name, stem[..end] + stem[^extension..], isCertain))
            {
                yield return stem[..end] + stem[^extension..];
            }
        }
    }

    /// <summary>True if a number or a time may start at an index of a name.</summary>
    private static bool MayBegin(string name, int at) =>
        (char.IsAsciiDigit(name[at]) && !char.IsAsciiDigit(name[at - 1])) || (name[at] is '.' or '-' or '_' && at + 1 < name.Length && char.IsAsciiDigit(name[at + 1]));

    private static bool IsOf(string name, string logName, bool isCertain) =>
        logName != name && GenerationName.TryParse(name, logName, 0, out GenerationName parsed) && parsed.IsCertain == isCertain;
}
