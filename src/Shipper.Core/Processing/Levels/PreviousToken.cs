namespace Shipper.Processing.Levels;

/// <summary>What stands before a token of a line's beginning.</summary>
internal enum PreviousToken
{
    /// <summary>Nothing.</summary>
    Start,

    /// <summary>A month or a day of the week.</summary>
    Date,

    /// <summary>A time, with its time zone.</summary>
    Time,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Something in brackets.</summary>
    Bracket,

    /// <summary>A separator: <c>-</c>, <c>---</c>, <c>|</c>.</summary>
    Separator,

    /// <summary>The name of a logger, a thread, a host or a file.</summary>
    Name,

    /// <summary>A pair of logfmt.</summary>
    Pair,
}
