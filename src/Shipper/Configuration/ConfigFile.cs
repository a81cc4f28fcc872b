using Shipper.Agents;

namespace Shipper.Configuration;

/// <summary>A configuration file that was read and checked.</summary>
/// <param name="Options">The options; incomplete if there are errors.</param>
/// <param name="Problems">All problems, in the order of the file.</param>
internal sealed record ConfigFile(AgentOptions Options, IReadOnlyList<ConfigProblem> Problems)
{
    /// <summary>Returns where the file has a key, such as <c>tests[0].input</c>, or else the section around it.</summary>
    public Func<string, SourceLocation> Locate { get; init; } = _ => new SourceLocation(1, 1);

    /// <summary>True if the configuration can't be used.</summary>
    public bool HasErrors => Problems.Any(problem => !problem.IsWarning);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">How to check the files that the configuration names.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to read the file.</exception>
    public static ConfigFile Load(string path, FileCheck files) =>
        ConfigText.Read(path, out ConfigProblem? problem) is { } text
            ? Parse(text, Environment.GetEnvironmentVariable, files)
            : new ConfigFile(new AgentOptions(), [problem!]);

    /// <summary>Parses and checks a configuration.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="getVariable">Returns the value of an environment variable; null if it is not set.</param>
    /// <param name="files">How to check the files that the configuration names.</param>
    public static ConfigFile Parse(string text, Func<string, string?> getVariable, FileCheck files = FileCheck.None)
    {
        var problems = new List<ConfigProblem>();
        var options = new AgentOptions();
        var binder = new ConfigBinder(problems, ConfigSchema.Root.FindPaths);
        ConfigNode? root = YamlReader.Read(text, getVariable, problems);
        if ((ForeignFormats.Recognize(text) ?? (root is MapNode map ? ForeignFormats.Recognize(map) : null)) is { } other)
        {
            return new ConfigFile(options, [other]);
        }

        if (root is not null)
        {
            ConfigSchema.Root.Bind(root, options, binder, "");
            OptionsValidator.Validate(options, binder);
            if (files != FileCheck.None)
            {
                ReferencedFiles.Check(options, files, binder);
            }

            if (problems.TrueForAll(problem => problem.IsWarning))
            {
                OptionsValidator.WarnIfClusterIsDefault(options, binder);
            }
        }
        else if (problems.Count == 0)
        {
            // A file that is still being written, or that a full disk cut off, must not run the agent with all defaults.
            problems.Add(new ConfigProblem(new SourceLocation(1, 1), "the configuration is empty; the smallest useful one is loki: {url: \"http://loki:3100\"}; write {} to use every default"));
        }

        return new ConfigFile(options, InOrder(problems, text)) { Locate = binder.FindLocation };
    }

    /// <summary>
    /// Sorts problems by location. The YAML parser reports what is missing at the end of a file on the line after the last; such a problem is moved to the end
    /// of the last line.
    /// </summary>
    private static List<ConfigProblem> InOrder(List<ConfigProblem> problems, string text)
    {
        var end = new SourceLocation(text.Count(c => c == '\n') + 1, text.Length - text.LastIndexOf('\n'));
        return [.. problems.Select(problem => problem.At.Line <= end.Line ? problem : problem with { At = end }).OrderBy(problem => problem.At.Line).ThenBy(problem => problem.At.Column)];
    }
}
