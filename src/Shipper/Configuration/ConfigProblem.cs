namespace Shipper.Configuration;

/// <summary>A problem with a configuration file.</summary>
/// <param name="Message">What is wrong, and how to fix it.</param>
/// <param name="IsWarning">True if the configuration can still be used.</param>
internal sealed record ConfigProblem(SourceLocation At, string Message, bool IsWarning = false)
{
    /// <summary>Formats the problem as <c>FILE:LINE:COL: message</c>.</summary>
    public string Format(string file) => $"{file}:{At.Line}:{At.Column}: {(IsWarning ? "warning: " : "")}{Message}";
}
