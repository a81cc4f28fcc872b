using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shipper.Telemetry;

namespace Shipper.Commands;

/// <summary><c>shipper version</c>: prints version, commit and runtime.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print version, commit and runtime.");
        command.SetAction(_ =>
        {
            string runtime = RuntimeFeature.IsDynamicCodeSupported ? "" : ", NativeAOT";
            Console.Out.WriteLine($"shipper {BuildInfo.Version}");
            Console.Out.WriteLine($"commit  {BuildInfo.Commit}");
            Console.Out.WriteLine($"runtime {RuntimeInformation.FrameworkDescription}{runtime}, {RuntimeInformation.RuntimeIdentifier}");
        });
        return command;
    }
}
