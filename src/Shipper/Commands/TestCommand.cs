using System.CommandLine;
using Shipper.Configuration;
using Shipper.Trials;

namespace Shipper.Commands;

/// <summary><c>shipper test</c>: runs the tests of a configuration.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        const string Description = "Run the tests under the key tests: process their input as the agent would, and print each record that is not as expected.";
        var command = new Command("test", Description) { config };
        command.SetAction(result => Run(result.GetRequiredValue(config)));
        return command;
    }

    private static int Run(string path)
    {
        if (!ConfigOption.TryLoad(path, FileCheck.None, Console.Error, out ConfigFile config))
        {
            return ConfigOption.UsageError;
        }

        if (config.Options.Tests.Count == 0)
        {
            // A check that checks nothing must not pass, for example with the wrong file.
            Console.Error.WriteLine($"{path}: no tests in this file; add some under the key tests");
            return ConfigOption.UsageError;
        }

        return new CaseRun(config, path, Console.Out).Run() ? 0 : 1;
    }
}
