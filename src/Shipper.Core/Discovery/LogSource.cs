namespace Shipper.Discovery;

/// <summary>What kind of logs these are, and how their files are read.</summary>
/// <param name="Name">Label <c>source</c> of the metrics.</param>
/// <param name="HasHeaders">
/// True where a container runtime wrote the lines, each with a time; false for plain lines, whose time is that of reading them.
/// </param>
/// <param name="Options">How the files are read.</param>
internal sealed record LogSource(string Name, bool HasHeaders, TailerOptions Options)
{
    public const string Container = "container";

    public const string File = "file";
}
