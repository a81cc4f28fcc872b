using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;

namespace Shipper.Tailing.Files;

/// <summary>An open file whose generation is not known yet.</summary>
/// <param name="name">Its name.</param>
/// <param name="handle">The file.</param>
/// <param name="status">What it is like.</param>
/// <param name="content">What was seen of its content.</param>
/// <param name="head">What <see cref="FileContent.Look"/> was given.</param>
internal readonly ref struct FileCandidate(GenerationName name, SafeFileHandle handle, FileStatus status, FileContent content, ReadOnlySpan<byte> head)
{
    public GenerationName Name { get; } = name;

    public SafeFileHandle Handle { get; } = handle;

    public FileStatus Status { get; } = status;

    public FileContent Content { get; } = content;

    /// <summary>The beginning of the content.</summary>
    public ReadOnlySpan<byte> Head { get; } = content.HeadOf(head);

    /// <summary>Bytes of uncompressed content.</summary>
    public long Size => Content.Size;

    public bool IsGzip => Content.IsGzip;
}
