namespace Shipper.Configuration;

/// <summary>A configuration file, read and checked.</summary>
/// <param name="Options">The options; incomplete where there are errors.</param>
/// <param name="Problems">All that is wrong, in the order of the file.</param>
internal sealed record ConfigFile(AgentOptions Options, IReadOnlyList<ConfigProblem> Problems)
{
    /// <summary>True where it can't be used.</summary>
    public bool HasErrors => Problems.Any(problem => !problem.IsWarning);

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ConfigFile Load(string path) =>
        ConfigText.Read(path, out ConfigProblem? problem) is { } text
            ? Parse(text, Environment.GetEnvironmentVariable)
            : new ConfigFile(new AgentOptions(), [problem!]);

    /// <summary>Reads a configuration.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="getVariable">Gives the value of an environment variable; null where it is not set.</param>
    public static ConfigFile Parse(string text, Func<string, string?> getVariable)
    {
        var problems = new List<ConfigProblem>();
        var binder = new ConfigBinder(problems);
        var options = new AgentOptions();
        ConfigNode? root = YamlReader.Read(text, getVariable, problems);
        if (root is not null)
        {
            ConfigSchema.Root.Bind(root, options, binder, "");
        }

        OptionsValidator.Validate(options, binder);
        return new ConfigFile(
            options, [.. problems.Select(problem => problem with { At = Within(text, problem.At) }).OrderBy(problem => problem.At.Line).ThenBy(problem => problem.At.Column)]);
    }

    /// <summary>What is missing at the end of a text is said of its last line: the reader of YAML may say it of the one behind that.</summary>
    private static Position Within(string text, Position at)
    {
        int lines = text.Count(c => c == '\n') + 1;
        return at.Line <= lines ? at : new Position(lines, text.Length - text.LastIndexOf('\n'));
    }
}
