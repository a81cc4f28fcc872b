using System.IO.Hashing;

namespace Shipper.Content;

/// <summary>
/// Who a file is, whatever it is called: the hash of the first bytes of its uncompressed content. Names move at each
/// rotation, inodes are reused within milliseconds, and a compressed generation has both new; its content stays. Lines of a
/// container begin with a time in nanoseconds, so that no two of its files begin alike.
/// </summary>
/// <param name="Hash">XXH3 of the first <paramref name="Length"/> bytes.</param>
/// <param name="Length">Bytes hashed: <see cref="MaxLength"/>, or fewer where the file had no more when it was looked at;
/// 0 for a file that was empty, which no other matches.</param>
internal readonly record struct FileIdentity(ulong Hash, int Length)
{
    /// <summary>The most bytes that are hashed.</summary>
    public const int MaxLength = 256;

    /// <summary>Computes the identity of a file that begins with <paramref name="head"/>.</summary>
    public static FileIdentity Of(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> hashed = head[..Math.Min(head.Length, MaxLength)];
        return hashed.IsEmpty ? default : new FileIdentity(XxHash3.HashToUInt64(hashed), hashed.Length);
    }

    /// <summary>Tells whether a file that begins with <paramref name="head"/> can be this one, perhaps grown since.</summary>
    public bool Matches(ReadOnlySpan<byte> head) =>
        Length > 0 && head.Length >= Length && XxHash3.HashToUInt64(head[..Length]) == Hash;
}
