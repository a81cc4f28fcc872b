using System.Runtime.CompilerServices;

namespace Shipper.Testing.Program;

/// <summary>Paths of the repository and of its directory config.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Config { get; } = Path.Combine(Root, "config");

    private static string Find([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../.."));
}
