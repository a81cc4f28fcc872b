namespace Shipper.Testing.Program;

/// <summary>A configuration in a temporary directory of its own.</summary>
internal sealed class ConfigurationFile : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("shipper-test-").FullName;

    public string Path => this["shipper.yaml"];

    /// <summary>Path of a file in the directory.</summary>
    public string this[string name] => System.IO.Path.Combine(Directory, name);

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    /// <summary>Writes a file into the directory.</summary>
    /// <returns>Path of the file.</returns>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Runs <c>shipper validate</c>.</summary>
    public Task<CommandResult> ValidateAsync(string yaml, params string[] options) => ValidateAsync(yaml, new Dictionary<string, string?>(), options);

    /// <summary>Runs <c>shipper validate</c> with environment variables.</summary>
    public Task<CommandResult> ValidateAsync(string yaml, IReadOnlyDictionary<string, string?> environment, params string[] options)
    {
        Write("shipper.yaml", yaml);
        return ShipperProgram.RunAsync(environment, ["validate", Path, .. options]);
    }

    /// <summary>Asserts that a configuration is refused for a single reason, with this place and message.</summary>
    public async Task AssertRefusedAsync(string yaml, int line, int column, string message, params string[] options)
    {
        CommandResult result = await ValidateAsync(yaml, options);

        Assert.Equal(2, result.ExitCode);
        string problem = Assert.Single(Lines(result));
        Assert.StartsWith($"{Path}:{line}:{column}: ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", problem, StringComparison.Ordinal);
        Assert.Contains(message, problem, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a configuration is accepted with a single warning, with this place and message.</summary>
    public async Task AssertWarnedAsync(string yaml, int line, int column, string message)
    {
        CommandResult result = await ValidateAsync(yaml);

        Assert.True(result.ExitCode == 0, result.Output);
        string problem = Assert.Single(Lines(result));
        Assert.StartsWith($"{Path}:{line}:{column}: warning: ", problem, StringComparison.Ordinal);
        Assert.Contains(message, problem, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a configuration is accepted without a warning.</summary>
    public async Task AssertValidAsync(string yaml, params string[] options)
    {
        CommandResult result = await ValidateAsync(yaml, options);

        Assert.Equal($"{Path}: the configuration is valid\n", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    private static string[] Lines(CommandResult result) => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
