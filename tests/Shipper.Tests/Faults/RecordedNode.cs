using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// A node as an agent of commit 7b75d06 left it when it was killed: its state and its logs. README.md next to the recording says how it was made.
/// </summary>
internal static class RecordedNode
{
    public const string WebPod = "web-7549799c69-hdrdf";
    public const string FastPod = "fast";

    /// <summary>Number of lines of the pod web. Those with a number divisible by 7 are on stderr, which its pod excludes.</summary>
    public const int WebLines = 37;

    /// <summary>Number of lines of the pod web that Loki acknowledged; a push of the others was in flight.</summary>
    public const int WebAcknowledged = 30;

    public const int FastLines = 70;
    public const int FastAcknowledged = 65;

    private const int HeaderBytes = 8;

    private static readonly string Recording = Path.Combine(Path.GetDirectoryName(Here())!, "../../Shipper.Testing/Recordings/state/7b75d06");

    /// <summary>Recreates the node. The paths in its state are changed to its new directory.</summary>
    /// <param name="isSameBoot">True if the machine has not been rebooted since the agent was killed.</param>
    public static NodeDirectory Restore(bool isSameBoot)
    {
        string[] facts = File.ReadAllLines(Path.Combine(Recording, "node.txt"));
        var node = new NodeDirectory(rootLength: facts[0].Length);
        CopyLogs(node.AddContainer(WebPod, "shop", "app", uid: "c618a892-a180-4c3a-acb4-8ef0a14644d5"));
        CopyLogs(node.AddContainer(FastPod, "logs", uid: "b21afd0c-af03-4888-a28c-28ef73dd6e8d"));
        foreach (string path in Directory.GetFiles(Recording, "checkpoint-*"))
        {
            byte[] file = File.ReadAllBytes(path);
            Replace(file, facts[0], node.Root);
            if (isSameBoot)
            {
                Replace(file, facts[1], File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
            }

            Seal(file);
            File.WriteAllBytes(Path.Combine(node.State, Path.GetFileName(path)), file);
        }

        return node;
    }

    /// <summary>Size of all logs in bytes, uncompressed.</summary>
    public static long LogBytes => long.Parse(File.ReadAllLines(Path.Combine(Recording, "node.txt"))[2], CultureInfo.InvariantCulture);

    private static void CopyLogs(string log)
    {
        string directory = Path.GetDirectoryName(log)!;
        string recorded = Path.Combine(Recording, "pods", Path.GetFileName(Path.GetDirectoryName(directory)!), Path.GetFileName(directory));
        foreach (string path in Directory.GetFiles(recorded))
        {
            File.Copy(path, Path.Combine(directory, Path.GetFileName(path)), overwrite: true);
        }
    }

    /// <summary>Replaces a text with another one of the same length.</summary>
    private static void Replace(Span<byte> file, string text, string replacement)
    {
        Assert.Equal(text.Length, replacement.Length);
        for (int at; (at = file.IndexOf(Encoding.ASCII.GetBytes(text))) >= 0; file = file[(at + text.Length)..])
        {
            Encoding.ASCII.GetBytes(replacement, file[at..]);
        }
    }

    /// <summary>Writes the CRC-32 of each frame's payload. A frame is the length of its payload, this CRC and the payload.</summary>
    private static void Seal(Span<byte> file)
    {
        for (Span<byte> rest = file["SHIPCKP1".Length..]; rest.Length > 0;)
        {
            Span<byte> payload = rest.Slice(HeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(rest));
            BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], Crc32(payload));
            rest = rest[(HeaderBytes + payload.Length)..];
        }
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private static string Here([CallerFilePath] string file = "") => file;
}
