using System.CommandLine;
using Shipper.Commands;

var root = new RootCommand("shipper sends the logs of a Kubernetes node to Grafana Loki.")
{
    RunCommand.Create(),
    ValidateCommand.Create(),
    TestCommand.Create(),
    ConfigCommand.Create(),
    DemoCommand.Create(),
    StatusCommand.Create(),
    TapCommand.Create(),
    ExplainCommand.Create(),
    SchemaCommand.Create(),
    VersionCommand.Create(),
};

ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    // After an unknown word, the error that a command is missing adds nothing.
    foreach (var error in result.UnmatchedTokens.Count == 0 ? result.Errors : result.Errors.Skip(result.CommandResult.Command is RootCommand ? 1 : 0))
    {
        await Console.Error.WriteLineAsync($"shipper: {error.Message}");
    }

    await Console.Error.WriteLineAsync($"Try: shipper {(result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ")}--help");
    return ConfigOption.UsageError;
}

try
{
    // Commands that need time to shut down handle signals themselves: another handler would end the process in the meantime.
    return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
}
catch (IOException e)
{
    // Standard output is a file on a full disk, or a pipe that nobody reads.
    await Console.Error.WriteLineAsync($"shipper: can't write the output: {e.Message}");
    return 1;
}
#pragma warning disable CA1031 // After a bug, a command ends with the exit code of a failure, and prints the exception.
catch (Exception e)
#pragma warning restore CA1031
{
    await Console.Error.WriteLineAsync($"shipper: {e}");
    return 1;
}
