using System.Globalization;

namespace Shipper.Testing.Program;

/// <summary>The directories of a node as kubelet leaves them, in a temporary directory.</summary>
internal sealed class NodeDirectory : IDisposable
{
    // Number of random characters that CreateTempSubdirectory appends.
    private const int RandomLength = 6;

    private int _containers;

    /// <param name="rootLength">Required length of the path of the root; 0 for any length.</param>
    public NodeDirectory(int rootLength = 0)
    {
        Root = Directory.CreateTempSubdirectory("shipper-node-".PadRight(Math.Max(0, rootLength - Path.GetTempPath().Length - RandomLength), '-')).FullName;
        Directory.CreateDirectory(Containers);
        Directory.CreateDirectory(State);
    }

    public string Root { get; }

    /// <summary>Directory of the links to the logs.</summary>
    public string Containers => Path.Combine(Root, "log/containers");

    public string State => Path.Combine(Root, "state");

    /// <summary>Creates the log of a container, and the link to it.</summary>
    /// <returns>Path of the log file.</returns>
    public string AddContainer(string pod, string ns = "default", string container = "main", int restart = 0, string? uid = null)
    {
        string id = (++_containers).ToString("x64", CultureInfo.InvariantCulture);
        string directory = Path.Combine(Root, $"log/pods/{ns}_{pod}_{uid ?? $"00000000-0000-4000-8000-{_containers:D12}"}/{container}");
        Directory.CreateDirectory(directory);
        string log = Path.Combine(directory, $"{restart}.log");
        File.WriteAllText(log, "");
        File.CreateSymbolicLink(Path.Combine(Containers, $"{pod}_{ns}_{container}-{id}.log"), log);
        return log;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
