namespace Shipper.Configuration;

/// <summary>Something wrong with a configuration file.</summary>
/// <param name="At">Where.</param>
/// <param name="Message">What, and what helps.</param>
/// <param name="IsWarning">True where the configuration can be used all the same.</param>
internal sealed record ConfigProblem(Position At, string Message, bool IsWarning = false)
{
    /// <summary>Writes <c>FILE:LINE:COL: message</c>.</summary>
    public string Format(string file) => $"{file}:{At.Line}:{At.Column}: {(IsWarning ? "warning: " : "")}{Message}";
}
