namespace Shipper.Loki;

/// <summary>Whether Loki answered a query.</summary>
internal enum QueryOutcome
{
    /// <summary>It did, and all of the page was read.</summary>
    Answered,

    /// <summary>It did not, and may later.</summary>
    Failed,

    /// <summary>It never will: these credentials may only push, or nothing answers queries there.</summary>
    Impossible,
}
