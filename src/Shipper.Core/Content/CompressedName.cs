namespace Shipper.Content;

/// <summary>Recognizes the compression of a file by the end of its name.</summary>
internal static class CompressedName
{
    private const string Gzip = ".gz";

    private static readonly string[] Unreadable = [".bz2", ".xz", ".zst", ".lz4", ".lzma", ".zip", ".Z"];

    /// <summary>Returns how the file is compressed.</summary>
    public static FileCompression Detect(ReadOnlySpan<char> fileName) =>
        SuffixLength(fileName) == 0 ? FileCompression.None : fileName.EndsWith(Gzip, StringComparison.Ordinal) ? FileCompression.Gzip : FileCompression.Unsupported;

    /// <summary>Returns the length of the suffix that names the compression; 0 if the name has none.</summary>
    public static int SuffixLength(ReadOnlySpan<char> fileName)
    {
        if (fileName.EndsWith(Gzip, StringComparison.Ordinal) && fileName.Length > Gzip.Length)
        {
            return Gzip.Length;
        }

        foreach (string suffix in Unreadable)
        {
            if (fileName.EndsWith(suffix, StringComparison.Ordinal) && fileName.Length > suffix.Length)
            {
                return suffix.Length;
            }
        }

        return 0;
    }
}
