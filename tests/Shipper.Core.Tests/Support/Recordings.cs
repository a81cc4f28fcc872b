using System.Runtime.CompilerServices;

namespace Shipper.Core.Tests.Support;

/// <summary>Paths of what was recorded from real servers.</summary>
internal static class Recordings
{
    public static string Loki => Path.Combine(Root(), "loki");

    public static string Node => Path.Combine(Root(), "node");

    public static string Journal => Path.Combine(Root(), "journal");

    /// <summary>State directories written by older versions.</summary>
    public static string State => Path.Combine(Root(), "state");

    /// <summary>The repository's root.</summary>
    public static string Repository => Path.GetFullPath(Path.Combine(Root(), "../../.."));

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../Shipper.Testing/Recordings"));
}
