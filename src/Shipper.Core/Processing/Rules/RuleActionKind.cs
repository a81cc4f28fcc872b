namespace Shipper.Processing.Rules;

/// <summary>The kinds of <see cref="RuleAction"/>.</summary>
internal enum RuleActionKind
{
    /// <summary>The record is dropped.</summary>
    Drop,

    /// <summary>The record is kept; later rules don't apply to it.</summary>
    Keep,

    /// <summary>One of N records is kept.</summary>
    Sample,
}
