using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>Lines of real containers, also converted to Docker's format.</summary>
internal static class RecordedLines
{
    private const int LinesPerFile = 12;
    private const int MaxBytes = 1024;

    /// <summary>A few lines of each recorded file, without their newlines.</summary>
    public static IEnumerable<byte[]> Cri =>
        Directory.EnumerateFiles(Recordings.Node, "*.log").Order(StringComparer.Ordinal)
            .SelectMany(path => File.ReadAllBytes(path).Split((byte)'\n').Where(line => line.Length > 0).Take(LinesPerFile))
            .Select(line => line.Length > MaxBytes ? line[..MaxBytes] : line);

    public static IEnumerable<byte[]> Docker => Cri.Select((line, i) =>
    {
        string[] parts = Encoding.UTF8.GetString(line).Split(' ', 4);
        string text = (parts.Length > 3 ? parts[3] : "") + (parts.Length > 2 && parts[2] == "F" ? "\n" : "");
        string attributes = i % 5 == 0 ? "\"attrs\":{\"tag\":[1,{\"log\":2}]}," : "";
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{{\"log\":{JsonSerializer.Serialize(text)},{attributes}\"stream\":\"{parts[1]}\",\"time\":\"{parts[0]}\"}}"));
    });

    /// <summary>Small files made of these lines.</summary>
    public static IEnumerable<byte[]> Files =>
        Cri.Chunk(LinesPerFile).Concat(Docker.Chunk(LinesPerFile)).Concat(Cri.Zip(Docker, (cri, docker) => (byte[][])[cri, docker, "no header"u8.ToArray()]))
            .Select(lines => lines.SelectMany(line => (byte[])[.. line, (byte)'\n']).Take(4 * MaxBytes).ToArray());
}
