using System.Reflection;

namespace Shipper.Telemetry;

/// <summary>Which build this is. Also the metric <c>shipper_build_info</c>.</summary>
internal sealed class BuildInfo() : Metric("shipper_build_info", "Always 1; the labels say which build this is.", "gauge")
{
    private static readonly string[] Parts =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+');

    /// <summary>The version, as in 0.1.0.</summary>
    public static string Version => Parts[0];

    /// <summary>The commit it was built from; <c>unknown</c> where there was no repository.</summary>
    public static string Commit => Parts.Length > 1 ? Parts[1] : "unknown";

    public override void Write(PrometheusText text) => text.Sample(Name, [("version", Version), ("commit", Commit)], 1);
}
