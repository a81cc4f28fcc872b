using Shipper.Records;

namespace Shipper.Taps;

/// <summary>A line that may be shown.</summary>
/// <param name="text">The line, or as much of its beginning as was kept.</param>
/// <param name="length">Length of the whole line in bytes.</param>
internal readonly ref struct ShownLine(ReadOnlySpan<byte> text, long length)
{
    /// <summary>The line, or as much of its beginning as was kept. It may be invalid UTF-8.</summary>
    public ReadOnlySpan<byte> Text { get; } = text;

    /// <summary>Length of the whole line in bytes.</summary>
    public long Length { get; } = length;

    /// <summary>Returns a copy in valid UTF-8, of at most <see cref="TapRecord.MaxLineBytes"/>.</summary>
    public static byte[] Copy(ReadOnlySpan<byte> text)
    {
        Span<byte> target = stackalloc byte[TapRecord.MaxLineBytes];
        return target[..Utf8Text.Cut(text, hasMore: false, target, out _)].ToArray();
    }

    /// <inheritdoc cref="Copy(ReadOnlySpan{byte})"/>
    public byte[] Copy() => Copy(Text);
}
