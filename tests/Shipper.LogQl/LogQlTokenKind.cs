namespace Shipper.LogQl;

/// <summary>The kinds of tokens in LogQL.</summary>
internal enum LogQlTokenKind
{
    End,
    Identifier,
    Text,
    Number,
    Duration,
    Bytes,
    Range,
    Flag,

    /// <summary>A word that has a meaning at its position, in lower case.</summary>
    Keyword,

    /// <summary>An operator or a bracket.</summary>
    Symbol,
}
