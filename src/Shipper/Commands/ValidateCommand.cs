using System.CommandLine;
using System.CommandLine.Parsing;
using Shipper.Configuration;
using Shipper.Trials;

namespace Shipper.Commands;

/// <summary><c>shipper validate</c>: checks a configuration and prints every problem.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "The configuration file (YAML).", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(ConfigOption.ValidateFileName);
        Option<string> config = ConfigOption.Create(isRequired: false);
        var skipFiles = new Option<bool>("--skip-files")
        {
            Description = "Skip the files that the configuration names (passwords, tokens, certificates, kubeconfig), for a check away from the node.",
        };
        var against = new Option<string[]>("--against")
        {
            Description = "Also run the rules of the configuration over these log files, and show what each would do. A PATH is a file, a directory or a glob.",
            HelpName = "PATH",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        against.Validators.Add(ValidatePaths);
        var command = new Command("validate", "Check a configuration and the files that it names, and print every problem as FILE:LINE:COL: message.") { file, config, skipFiles, against };
        command.Validators.Add(result =>
        {
            // Reading the values would throw if --config is given without a file, or twice.
            if (result.GetResult(file) is { Tokens.Count: > 0 } == result.GetResult(config) is not null)
            {
                result.AddError("Name one configuration file: shipper validate FILE, or shipper validate --config FILE.");
            }
        });
        command.SetAction(result => Run(
            (result.GetValue(file) ?? result.GetValue(config))!, result.GetValue(skipFiles) ? FileCheck.None : FileCheck.Strict, result.GetValue(against) ?? []));
        return command;
    }

    private static void ValidatePaths(SymbolResult result)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError("A path after --against is empty.");
        }
    }

    private static int Run(string path, FileCheck files, string[] logs)
    {
        if (!ConfigOption.TryLoad(path, files, Console.Out, out ConfigFile config))
        {
            return ConfigOption.UsageError;
        }

        ConfigOption.PrintProblems(config, path, Console.Out);
        if (config.Problems.Count == 0)
        {
            Console.Out.WriteLine($"{path}: the configuration is valid");
        }

        if (logs.Length == 0)
        {
            return 0;
        }

        Console.Out.WriteLine();
        return new FileTrial(config.Options, Console.Out).Run(logs) ? 0 : ConfigOption.UsageError;
    }
}
