using System.CommandLine;
using Shipper.Configuration;

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
        var command = new Command("validate", "Check a configuration and the files that it names, and print every problem as FILE:LINE:COL: message.") { file, config, skipFiles };
        command.Validators.Add(result =>
        {
            // Reading the values would throw if --config is given without a file, or twice.
            if (result.GetResult(file) is { Tokens.Count: > 0 } == result.GetResult(config) is not null)
            {
                result.AddError("Name one configuration file: shipper validate FILE, or shipper validate --config FILE.");
            }
        });
        command.SetAction(result => Run((result.GetValue(file) ?? result.GetValue(config))!, result.GetValue(skipFiles) ? FileCheck.None : FileCheck.Strict));
        return command;
    }

    private static int Run(string path, FileCheck files)
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

        return 0;
    }
}
