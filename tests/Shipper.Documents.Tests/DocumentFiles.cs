using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The Markdown files of the repository.</summary>
internal static class DocumentFiles
{
    public const string English = "README.md";
    public const string Korean = "README.ko.md";
    public const string Configuration = "docs/configuration.md";
    public const string Install = "docs/install.md";
    public const string Operate = "docs/operate.md";
    public const string Troubleshooting = "docs/troubleshooting.md";

    /// <summary>Directories that a build creates.</summary>
    private static readonly string[] Created = ["bin", "obj", "out", "node_modules"];

    /// <summary>Paths of all Markdown files, relative to the repository.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Find(Repository.Root).Order(StringComparer.Ordinal)];

    /// <summary>Files for users, in which each YAML block says which file it belongs to.</summary>
    public static IReadOnlyList<string> ForUsers { get; } =
        [.. All.Where(name => name is English or Korean || name.StartsWith("docs/", StringComparison.Ordinal))];

    private static IEnumerable<string> Find(string directory) =>
    [
        .. Directory.GetFiles(directory, "*.md").Select(file => Path.GetRelativePath(Repository.Root, file)),
        .. Directory.GetDirectories(directory).Where(IsSource).SelectMany(Find),
    ];

    private static bool IsSource(string directory) =>
        Path.GetFileName(directory) is var name && !Created.Contains(name) && (!name.StartsWith('.') || name == ".github");
}
