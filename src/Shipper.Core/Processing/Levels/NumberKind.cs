namespace Shipper.Processing.Levels;

/// <summary>What a token that begins with a digit is.</summary>
internal enum NumberKind
{
    /// <summary>Something that does not stand before a level, such as an address.</summary>
    Other,

    /// <summary>A number: a process, a thread, a day.</summary>
    Number,

    /// <summary>A time, or a date with or without a time.</summary>
    Time,

    /// <summary>The process and role of Redis: <c>1:M</c>.</summary>
    RedisRole,
}
