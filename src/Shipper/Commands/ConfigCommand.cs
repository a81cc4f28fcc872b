using System.CommandLine;
using Shipper.Configuration;

namespace Shipper.Commands;

/// <summary><c>shipper config</c>: prints the effective configuration.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        var command = new Command("config", "Print the effective configuration: defaults filled in, variables expanded, secrets shown as ***.") { config };
        command.SetAction(result => Run(result.GetRequiredValue(config)));
        return command;
    }

    private static int Run(string path)
    {
        if (!ConfigOption.TryLoad(path, FileCheck.None, Console.Error, out ConfigFile config))
        {
            return ConfigOption.UsageError;
        }

        Console.Out.Write(EffectiveConfig.ToYaml(config.Options));
        return 0;
    }
}
