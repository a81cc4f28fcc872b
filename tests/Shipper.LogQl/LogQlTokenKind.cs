namespace Shipper.LogQl;

/// <summary>What a token of LogQL is.</summary>
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

    /// <summary>A word that means something at its place, in lower case.</summary>
    Keyword,

    /// <summary>An operator or a bracket.</summary>
    Symbol,
}
