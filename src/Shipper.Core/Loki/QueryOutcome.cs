namespace Shipper.Loki;

/// <summary>Whether Loki answered a query.</summary>
internal enum QueryOutcome
{
    /// <summary>It did, and all of the page was read.</summary>
    Answered,

    /// <summary>It did not, and may later.</summary>
    Failed,

    /// <summary>The answer is not Loki's, or is incomplete: something on the way does not work now, or always answers in Loki's place.</summary>
    Unreadable,

    /// <summary>It never will: these credentials may only push, or nothing answers queries there.</summary>
    Impossible,
}
