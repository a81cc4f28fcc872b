using System.CommandLine;
using Shipper.Configuration;

namespace Shipper.Commands;

/// <summary>The option <c>--config FILE</c> and what all commands with it have in common.</summary>
internal static class ConfigOption
{
    /// <summary>A wrong command line or configuration.</summary>
    public const int UsageError = 2;

    public static Option<string> Create() => new("--config", "-c")
    {
        Description = "The configuration file (YAML).",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>Reads the file and prints its problems.</summary>
    /// <returns>False where it can't be used.</returns>
    public static bool TryLoad(string path, TextWriter problems, out ConfigFile config)
    {
        try
        {
            config = ConfigFile.Load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.WriteLine($"{path}: can't be read: {e.Message}");
            config = null!;
            return false;
        }

        foreach (ConfigProblem problem in config.Problems)
        {
            problems.WriteLine(problem.Format(path));
        }

        return !config.HasErrors;
    }
}
