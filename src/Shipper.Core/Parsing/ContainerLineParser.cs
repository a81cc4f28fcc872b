using Shipper.Records;

namespace Shipper.Parsing;

/// <summary>
/// Reads a line of a container's log file. CRI and docker's json-file are told apart by the line itself: one begins with a
/// digit, the other with a brace. Both are written by the runtime, so that nothing a container prints can choose.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
/// <param name="maxLineBytes">The longest line that will be given.</param>
internal sealed class ContainerLineParser(int maxLineBytes)
{
    private readonly TimestampParser _timestamps = new();
    private DockerParser? _docker;

    /// <summary>Takes one line apart. Never throws, whatever the bytes.</summary>
    /// <param name="text">The line without its newline, or the beginning of a very long one.</param>
    /// <param name="line">The parts.</param>
    /// <returns>False where the line has no valid header.</returns>
    public bool TryParse(ReadOnlySpan<byte> text, out LogLine line)
    {
        if (!text.IsEmpty && text[0] == '{')
        {
            _docker ??= new DockerParser(_timestamps, maxLineBytes);
            return _docker.TryParse(text, out line);
        }

        return CriParser.TryParse(text, _timestamps, out line);
    }
}
