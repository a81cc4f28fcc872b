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
    // Where a word is not known, that a command is missing is no news.
    foreach (var error in result.UnmatchedTokens.Count == 0 ? result.Errors : result.Errors.Skip(result.CommandResult.Command is RootCommand ? 1 : 0))
    {
        await Console.Error.WriteLineAsync($"shipper: {error.Message}");
    }

    await Console.Error.WriteLineAsync($"Try: shipper {(result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ")}--help");
    return ConfigOption.UsageError;
}

try
{
    // The commands that need time to end listen for signals themselves: another handler would end the process meanwhile.
    return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
}
catch (IOException e)
{
    // Standard output is on a full disk, or nobody reads it.
    await Console.Error.WriteLineAsync($"shipper: can't write the output: {e.Message}");
    return 1;
}
#pragma warning disable CA1031 // A bug ends a command with its exit code for a failure, and says what it is.
catch (Exception e)
#pragma warning restore CA1031
{
    await Console.Error.WriteLineAsync($"shipper: {e}");
    return 1;
}
