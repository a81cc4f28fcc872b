using System.CommandLine;

namespace Shipper.Commands;

/// <summary><c>shipper validate</c>: checks a configuration and prints every problem.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        var command = new Command("validate", "Check a configuration and print every problem as FILE:LINE:COL: message.") { config };
        command.SetAction(result => ConfigOption.TryLoad(result.GetRequiredValue(config), Console.Out, out _) ? 0 : ConfigOption.UsageError);
        return command;
    }
}
