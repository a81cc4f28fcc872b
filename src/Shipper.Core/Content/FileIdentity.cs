using System.IO.Hashing;

namespace Shipper.Content;

/// <summary>
/// Identifies a file regardless of its name, by a hash of the first bytes of its uncompressed content. Names change with each rotation, inodes are reused
/// within milliseconds, and compression changes both; only the content stays. A container's lines begin with a time in nanoseconds, so no two of its files
/// start with the same bytes.
/// </summary>
/// <param name="Hash">XXH3 of the first <paramref name="Length"/> bytes.</param>
/// <param name="Length">Number of hashed bytes: <see cref="MaxLength"/>, or fewer if the file was shorter when it was read;
/// 0 for an empty file, which never matches.</param>
internal readonly record struct FileIdentity(ulong Hash, int Length)
{
    /// <summary>Maximum number of hashed bytes.</summary>
    public const int MaxLength = 256;

    /// <summary>Computes the identity of a file that begins with <paramref name="head"/>.</summary>
    public static FileIdentity Of(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> hashed = head[..Math.Min(head.Length, MaxLength)];
        return hashed.IsEmpty ? default : new FileIdentity(XxHash3.HashToUInt64(hashed), hashed.Length);
    }

    /// <summary>Returns true if a file that begins with <paramref name="head"/> can be this one, which may have grown since.</summary>
    public bool Matches(ReadOnlySpan<byte> head) =>
        Length > 0 && head.Length >= Length && XxHash3.HashToUInt64(head[..Length]) == Hash;
}
