namespace Shipper.Processing.Rules;

/// <summary>What a rule does with the records that it matches: <c>do</c> of a rule.</summary>
/// <param name="Kind">The kind of the action.</param>
/// <param name="SampleOf">For <see cref="RuleActionKind.Sample"/>: one of this many records is kept; at least 2.</param>
internal readonly record struct RuleAction(RuleActionKind Kind, int SampleOf = 0);
