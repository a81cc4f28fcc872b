using System.Reflection;

namespace Shipper.Telemetry;

/// <summary>Names the version and the commit of this build, and exposes them as the metric <c>shipper_build_info</c>.</summary>
internal sealed class BuildInfo() : Metric("shipper_build_info", "Always 1. The labels name the version and the commit.", "gauge")
{
    private static readonly string[] Parts =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+');

    /// <summary>The version, for example 0.1.0.</summary>
    public static string Version => Parts[0];

    /// <summary>The commit that was built; <c>unknown</c> if the source was not in a Git repository.</summary>
    public static string Commit => Parts.Length > 1 ? Parts[1] : "unknown";

    public override void Write(PrometheusText text) => text.WriteSample(Name, [("version", Version), ("commit", Commit)], 1);
}
