namespace Shipper.Loki;

/// <summary>The outcome of a query.</summary>
internal enum QueryOutcome
{
    /// <summary>Loki answered, and the whole page was read.</summary>
    Answered,

    /// <summary>Loki did not answer, but may answer later.</summary>
    Failed,

    /// <summary>The response is not Loki's, or is incomplete: something on the way is broken for now, or always answers in Loki's place.</summary>
    Unreadable,

    /// <summary>Loki will never answer: these credentials may only push, or nothing answers queries at the address.</summary>
    Impossible,
}
