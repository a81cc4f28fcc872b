using System.CommandLine;
using Shipper.Agents;
using Shipper.Configuration;
using Shipper.Discovery;
using Shipper.Processing;

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

        FillIn(config.Options);
        Console.Out.Write(ConfigSchema.ToYaml(config.Options));
        return 0;
    }

    /// <summary>Sets the options whose default is the value of something else.</summary>
    private static void FillIn(AgentOptions options)
    {
        options.Node = options.NodeName;
        foreach (FileSourceOptions file in options.Files)
        {
            ProcessingOptions processing = file.ApplyTo(options.Processing);
            file.Multiline = processing.Multiline;
            file.Ansi = processing.Ansi;
            file.Level = processing.Level;
            file.Trace = processing.Trace;
            file.Fields = processing.Fields;
        }
    }
}
