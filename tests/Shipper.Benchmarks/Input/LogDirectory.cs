using System.Globalization;

namespace Shipper.Benchmarks.Input;

/// <summary>The logs of a node in the layout of kubelet. Each log is that of a pod with one container.</summary>
internal sealed class LogDirectory
{
    private readonly string[] _directories;

    public LogDirectory(string root, int files)
    {
        Root = root;
        string links = Directory.CreateDirectory(Path.Combine(root, "containers")).FullName;
        _directories = new string[files];
        for (int file = 0; file < files; file++)
        {
            _directories[file] = Directory.CreateDirectory(Path.Combine(root, "pods", $"load_{PodName(file)}_{PodUid(file)}", "main")).FullName;
            File.CreateSymbolicLink(Path.Combine(links, $"{PodName(file)}_load_main-{ContainerId(file)}.log"), PathOf(file));
        }
    }

    public string Root { get; }

    public int Files => _directories.Length;

    public static string PodName(int file) => string.Create(CultureInfo.InvariantCulture, $"bench-{file}");

    public static string PodUid(int file) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{file:D12}");

    public static string ContainerId(int file) => string.Create(CultureInfo.InvariantCulture, $"{file:x64}");

    /// <summary>Returns the path of the live file.</summary>
    public string PathOf(int file) => Path.Combine(_directories[file], "0.log");

    /// <summary>Returns the path of the file that was rotated at a time.</summary>
    public string RotatedPathOf(int file, DateTimeOffset at) =>
        PathOf(file) + at.ToString(".yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
}
