using System.Globalization;
using System.Runtime.CompilerServices;

namespace Shipper.Testing.Kubernetes;

/// <summary>A recorded response of a real API server.</summary>
public sealed record ApiRecording(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Reads a recording. The name of a watch ends with <c>.jsonl</c>; all other names have no extension.</summary>
    public static ApiRecording Read(string name)
    {
        string path = Path.Combine(Directory, name);
        string[] answer = [.. File.ReadLines(path + ".headers").SkipWhile(line => !line.StartsWith("HTTP/", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0)];
        return new ApiRecording(
            int.Parse(answer[0].Split(' ')[1], CultureInfo.InvariantCulture),
            answer.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(header => header[0], header => header[1], StringComparer.OrdinalIgnoreCase),
            File.ReadAllBytes(name.EndsWith(".jsonl", StringComparison.Ordinal) ? path : path + ".json"));
    }

    private static string Directory => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../Recordings/kubernetes"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
