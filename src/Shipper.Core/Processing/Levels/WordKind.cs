namespace Shipper.Processing.Levels;

/// <summary>Where a word states a level. The same word may be a part of a message.</summary>
internal enum WordKind
{
    /// <summary>A level wherever a level can stand.</summary>
    Level,

    /// <summary>A level before a colon, in brackets and as a value: <c>fail: Category[0]</c>, but not <c>FAIL  app_test.go</c>.</summary>
    BeforeColon,

    /// <summary>An ordinary word, which is a level only in upper case and in a clear place: <c>[ALERT]</c>, <c>FINE:</c>, or directly after the time.</summary>
    Ordinary,

    /// <summary>A level only as the value of a key, or in brackets after the time: <c>[Note]</c>.</summary>
    Value,

    /// <summary>A line of PostgreSQL that explains another one: upper case, colon, two blanks.</summary>
    Postgres,

    /// <summary>A month or a day of the week.</summary>
    Date,

    /// <summary>A time zone, AM or PM.</summary>
    Zone,
}
