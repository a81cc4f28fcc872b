namespace Shipper.Parsing;

/// <summary>
/// Reads the log format of the Container Runtime Interface, written by containerd and CRI-O.
/// <code>
/// line   = timestamp SP output SP tags [ SP content ]
/// output = "stdout" / "stderr"
/// tags   = ( "F" / "P" ) *( ":" tag )          ; P: the content goes on in the output's next line
/// </code>
/// Source: kubernetes/kubernetes, pkg/kubelet/kuberuntime/logs/logs.go, parseCRILog.
/// </summary>
internal static class CriParser
{
    private const int OutputLength = 6;

    /// <summary>Takes one line apart. Never throws, whatever the bytes.</summary>
    /// <param name="text">The line without its newline.</param>
    /// <param name="timestamps">The lane's timestamp parser.</param>
    /// <param name="line">The parts.</param>
    /// <returns>False where the line has no valid header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, TimestampParser timestamps, out LogLine line)
    {
        line = default;
        if (!timestamps.TryParse(text, out long timestampNs, out int position))
        {
            return false;
        }

        // " stdout F" is the shortest that can follow.
        ReadOnlySpan<byte> rest = text[position..];
        if (rest.Length < OutputLength + 3 || rest[0] != ' ' || rest[OutputLength + 1] != ' ')
        {
            return false;
        }

        ReadOnlySpan<byte> name = rest.Slice(1, OutputLength);
        LogOutput output;
        if (name.SequenceEqual("stdout"u8))
        {
            output = LogOutput.Stdout;
        }
        else if (name.SequenceEqual("stderr"u8))
        {
            output = LogOutput.Stderr;
        }
        else
        {
            return false;
        }

        byte tag = rest[OutputLength + 2];
        if (tag is not ((byte)'F' or (byte)'P'))
        {
            return false;
        }

        rest = rest[(OutputLength + 3)..];
        if (!rest.IsEmpty && rest[0] == ':')
        {
            int end = rest.IndexOf((byte)' ');
            rest = end < 0 ? [] : rest[end..];
        }

        if (!rest.IsEmpty)
        {
            if (rest[0] != ' ')
            {
                return false;
            }

            rest = rest[1..];
        }

        line = new LogLine(timestampNs, output, tag == 'P', rest);
        return true;
    }
}
