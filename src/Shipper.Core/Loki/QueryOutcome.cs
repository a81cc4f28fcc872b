namespace Shipper.Loki;

/// <summary>Whether Loki answered a query.</summary>
internal enum QueryOutcome
{
    /// <summary>It did, and all of the page was read.</summary>
    Answered,

    /// <summary>It did not, and may later.</summary>
    Failed,

    /// <summary>An answer came that is not Loki's, or not all of it: of something on the way that does not work now, or that always answers in Loki's place.</summary>
    Unreadable,

    /// <summary>It never will: these credentials may only push, or nothing answers queries there.</summary>
    Impossible,
}
