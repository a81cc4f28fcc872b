using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Shipper.Tests.Image;

/// <summary>The instructions of the repository's Dockerfile, without comments, each on one line.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(string root)
    {
        Root = root;
        string text = string.Join('\n', File.ReadLines(Path.Combine(root, "Dockerfile")).Where(line => !line.TrimStart().StartsWith('#')));
        Instructions =
        [
            .. text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries))
                .Select(parts => (parts[0], parts[1])),
        ];
        LastStage = [.. Instructions.Skip(Instructions.FindLastIndex(instruction => instruction.Name == "FROM"))];
    }

    /// <summary>Path of the repository.</summary>
    public string Root { get; }

    public List<(string Name, string Value)> Instructions { get; }

    /// <summary>The instructions of the final image, beginning with FROM.</summary>
    public List<(string Name, string Value)> LastStage { get; }

    public static Dockerfile Read([CallerFilePath] string file = "") => new(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../..")));

    public IEnumerable<string> Values(string name) => Instructions.Where(instruction => instruction.Name == name).Select(instruction => instruction.Value);

    /// <summary>All defaults of a build argument.</summary>
    public IEnumerable<string> Defaults(string argument) =>
        Values("ARG").Where(value => value.StartsWith(argument + "=", StringComparison.Ordinal)).Select(value => value[(argument.Length + 1)..]);

    /// <summary>The files and directories that are copied from the repository, and their destinations.</summary>
    public IEnumerable<(string From, string To)> Copied() =>
        from value in Values("COPY")
        where !value.StartsWith("--from=", StringComparison.Ordinal)
        let words = value.Split(' ')
        from source in words[..^1]
        select (source, words[^1]);

    /// <summary>The arguments of an instruction in exec form, which needs no shell. Any other form is not JSON, and throws.</summary>
    public string[] ExecForm(string name) =>
        JsonSerializer.Deserialize<string[]>(Assert.Single(LastStage, instruction => instruction.Name == name).Value)!;
}
