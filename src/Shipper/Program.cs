using System.CommandLine;
using Shipper.Commands;

var root = new RootCommand("shipper sends the logs of a Kubernetes node to Grafana Loki.")
{
    RunCommand.Create(),
    ValidateCommand.Create(),
    ConfigCommand.Create(),
    DemoCommand.Create(),
    SchemaCommand.Create(),
    VersionCommand.Create(),
};

ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    foreach (var error in result.Errors)
    {
        await Console.Error.WriteLineAsync($"shipper: {error.Message}");
    }

    await Console.Error.WriteLineAsync($"Try: shipper {(result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ")}--help");
    return ConfigOption.UsageError;
}

// The host listens for SIGTERM and SIGINT itself: a second handler would end the process while the agent still saves.
return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
