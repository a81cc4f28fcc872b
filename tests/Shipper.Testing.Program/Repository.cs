using System.Runtime.CompilerServices;

namespace Shipper.Testing.Program;

/// <summary>Where the files of the hub are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Config { get; } = Path.Combine(Root, "config");

    private static string Find([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../.."));
}
