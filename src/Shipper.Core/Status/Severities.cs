namespace Shipper.Status;

/// <summary>How bad something is: the values of <see cref="Verdict.Severity"/>, shown in green, amber and red.</summary>
internal static class Severities
{
    public const string Ok = "ok";

    public const string Notice = "notice";

    public const string Problem = "problem";
}
