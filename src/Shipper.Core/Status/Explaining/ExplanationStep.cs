namespace Shipper.Status.Explaining;

/// <summary>One step on the way of a log from the file to Loki.</summary>
/// <param name="Name">The step.</param>
/// <param name="State"><c>ok</c>, <c>note</c> or <c>problem</c>.</param>
/// <param name="Text">What is known, in one or more lines.</param>
/// <param name="Remedy">What to do about a problem; empty if there is nothing to do.</param>
internal sealed record ExplanationStep(string Name, string State, string Text, string Remedy)
{
    public const string Ok = "ok";

    public const string Note = "note";

    public const string Problem = "problem";
}
