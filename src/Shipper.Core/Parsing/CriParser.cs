using System.Buffers.Binary;
using Shipper.Records;

namespace Shipper.Parsing;

/// <summary>
/// Parses the log format of the Container Runtime Interface, written by containerd and CRI-O.
/// <code>
/// line   = timestamp SP output SP tags [ SP content ]
/// output = "stdout" / "stderr"
/// tags   = ( "F" / "P" ) *( ":" tag )          ; P: the content continues in the output's next line
/// </code>
/// A header has no NULs: those that a power loss leaves are never part of one.
/// Source: kubernetes/kubernetes, pkg/kubelet/kuberuntime/logs/logs.go, parseCRILog.
/// </summary>
internal static class CriParser
{
    /// <summary>Length of <c> stdout F</c>, the shortest text that can follow the timestamp.</summary>
    private const int MinHeadLength = 9;

    private static readonly ulong Stdout = BinaryPrimitives.ReadUInt64LittleEndian(" stdout "u8);
    private static readonly ulong Stderr = BinaryPrimitives.ReadUInt64LittleEndian(" stderr "u8);

    /// <summary>Parses one line. Never throws, even for arbitrary bytes.</summary>
    /// <param name="text">The line without its newline.</param>
    /// <param name="line">Receives the parsed line.</param>
    /// <returns>False if the line has no valid header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, TimestampParser timestamps, out LogLine line)
    {
        line = default;
        if (!timestamps.TryParse(text, out long timestampNs, out int position))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[position..];
        if (rest.Length < MinHeadLength)
        {
            return false;
        }

        ulong head = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        byte tag = rest[MinHeadLength - 1];
        if ((head != Stdout && head != Stderr) || tag is not ((byte)'F' or (byte)'P'))
        {
            return false;
        }

        LogOutput output = head == Stdout ? LogOutput.Stdout : LogOutput.Stderr;
        rest = rest[MinHeadLength..];
        if (!rest.IsEmpty && rest[0] == ':')
        {
            int end = rest.IndexOfAny((byte)' ', (byte)0);
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
