using Shipper.Records;

namespace Shipper.Parsing;

/// <summary>
/// Parses lines of container log files. The first byte of a line distinguishes the formats: a CRI line begins with a digit, a line of docker's json-file
/// driver with a brace. The runtime writes that byte, so a container can't choose the format by what it prints.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
/// <param name="maxLineBytes">Length of the longest line that will be parsed.</param>
internal sealed class ContainerLineParser(int maxLineBytes)
{
    private readonly TimestampParser _timestamps = new();
    private DockerParser? _docker;

    /// <summary>Parses one line. Never throws, even for arbitrary bytes.</summary>
    /// <param name="text">The line without its newline, or the beginning of a very long line.</param>
    /// <param name="line">Receives the parsed line.</param>
    /// <returns>False if the line has no valid header.</returns>
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
