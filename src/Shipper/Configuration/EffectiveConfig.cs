using Shipper.Agents;
using Shipper.Discovery;
using Shipper.Processing;

namespace Shipper.Configuration;

/// <summary>The effective configuration: defaults filled in, variables expanded, secrets shown as <c>***</c>.</summary>
internal static class EffectiveConfig
{
    /// <summary>Returns the effective configuration as YAML. Sets the options whose default is the value of something else.</summary>
    public static string ToYaml(AgentOptions options)
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

        return ConfigSchema.ToYaml(options);
    }
}
