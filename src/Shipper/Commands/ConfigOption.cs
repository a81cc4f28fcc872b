using System.CommandLine;
using System.CommandLine.Parsing;
using Shipper.Configuration;
using Shipper.Native;

namespace Shipper.Commands;

/// <summary>The option <c>--config FILE</c>, and what the commands with this option have in common.</summary>
internal static class ConfigOption
{
    /// <summary>The exit code for a wrong command line or configuration.</summary>
    public const int UsageError = 2;

    public static Option<string> Create(bool isRequired = true)
    {
        var option = new Option<string>("--config", "-c")
        {
            Description = "The configuration file (YAML).",
            HelpName = "FILE",
            Required = isRequired,
        };
        option.Validators.Add(ValidateFileName);
        return option;
    }

    /// <summary>Refuses an empty name, which a script passes if a variable is not set, and an unknown option.</summary>
    public static void ValidateFileName(SymbolResult result)
    {
        foreach (string name in result.Tokens.Select(token => token.Value))
        {
            if (name.Length == 0)
            {
                result.AddError("The name of the configuration file is empty.");
            }
            else if (name[0] == '-')
            {
                result.AddError($"There is no option {name}. If it is the name of a file, write ./{name}.");
            }
        }
    }

    /// <summary>Reads the file. If the configuration can't be used, prints all problems.</summary>
    /// <returns>False if the configuration can't be used.</returns>
    public static bool TryLoad(string path, FileCheck files, TextWriter problems, out ConfigFile config)
    {
        try
        {
            config = ConfigFile.Load(path, files);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            problems.WriteLine($"{path}: can't be read: {e.Message}");
            config = null!;
            return false;
        }

        if (config.HasErrors)
        {
            PrintProblems(config, path, problems);
        }

        return !config.HasErrors;
    }

    /// <summary>Prints the problems of a configuration, one per line.</summary>
    public static void PrintProblems(ConfigFile config, string path, TextWriter problems)
    {
        foreach (ConfigProblem problem in config.Problems)
        {
            problems.WriteLine(problem.Format(path));
        }
    }
}
