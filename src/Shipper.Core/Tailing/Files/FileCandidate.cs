using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;

namespace Shipper.Tailing.Files;

/// <summary>An open file that has not been matched with a generation yet.</summary>
/// <param name="content">The result of <see cref="FileContent.Inspect"/>.</param>
/// <param name="head">The buffer that was given to <see cref="FileContent.Inspect"/>.</param>
internal readonly ref struct FileCandidate(GenerationName name, SafeFileHandle handle, FileStatus status, FileContent content, ReadOnlySpan<byte> head)
{
    public GenerationName Name { get; } = name;

    public SafeFileHandle Handle { get; } = handle;

    public FileStatus Status { get; } = status;

    public FileContent Content { get; } = content;

    /// <summary>The beginning of the content.</summary>
    public ReadOnlySpan<byte> Head { get; } = content.HeadOf(head);

    /// <summary>Uncompressed content in bytes.</summary>
    public long Size => Content.Size;

    public bool IsGzip => Content.IsGzip;
}
