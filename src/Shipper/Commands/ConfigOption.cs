using System.CommandLine;
using System.CommandLine.Parsing;
using Shipper.Configuration;
using Shipper.Native;

namespace Shipper.Commands;

/// <summary>The option <c>--config FILE</c> and what all commands with it have in common.</summary>
internal static class ConfigOption
{
    /// <summary>A wrong command line or configuration.</summary>
    public const int UsageError = 2;

    public static Option<string> Create(bool isRequired = true)
    {
        var option = new Option<string>("--config", "-c")
        {
            Description = "The configuration file (YAML).",
            HelpName = "FILE",
            Required = isRequired,
        };
        option.Validators.Add(CheckName);
        return option;
    }

    /// <summary>Refuses an empty name, as a script passes if a variable is not set, and an option that does not exist.</summary>
    public static void CheckName(SymbolResult result)
    {
        foreach (string name in result.Tokens.Select(token => token.Value))
        {
            if (name.Length == 0)
            {
                result.AddError("The name of the configuration file is empty.");
            }
            else if (name[0] == '-')
            {
                result.AddError($"There is no option {name}. Write ./{name} if it is the name of a file.");
            }
        }
    }

    /// <summary>Reads the file. If it can't be used, prints all of its problems.</summary>
    /// <returns>False if it can't be used.</returns>
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
            Print(config, path, problems);
        }

        return !config.HasErrors;
    }

    /// <summary>Prints the problems of a configuration, a line for each.</summary>
    public static void Print(ConfigFile config, string path, TextWriter problems)
    {
        foreach (ConfigProblem problem in config.Problems)
        {
            problems.WriteLine(problem.Format(path));
        }
    }
}
