using System.CommandLine;
using Shipper.Configuration;

namespace Shipper.Commands;

/// <summary><c>shipper schema</c>: prints the JSON Schema of the configuration.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON Schema of the configuration, for editors and CI.");
        command.SetAction(_ => Console.Out.WriteLine(ConfigSchema.ToJsonSchema()));
        return command;
    }
}
