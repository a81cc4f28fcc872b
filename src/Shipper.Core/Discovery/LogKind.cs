namespace Shipper.Discovery;

/// <summary>The kind of a log, and how its files are read.</summary>
/// <param name="Name">The value of the metrics' label <c>source</c>.</param>
/// <param name="HasHeaders">
/// True if a container runtime wrote the lines, each with a timestamp; false for plain lines, which get the time when they are read.
/// </param>
internal sealed record LogKind(string Name, bool HasHeaders, TailerOptions Options)
{
    public const string Container = "container";

    public const string File = "file";
}
