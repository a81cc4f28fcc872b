namespace Shipper.Testing.Program;

/// <summary>The output and the exit code of a command.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);
