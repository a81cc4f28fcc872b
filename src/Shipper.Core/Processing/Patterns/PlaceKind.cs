namespace Shipper.Processing.Patterns;

/// <summary>The places that an anchor of a regex finds.</summary>
internal enum PlaceKind
{
    /// <summary>The beginning of the text.</summary>
    TextStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text, or the place before its last unit if that is a line break.</summary>
    LastLineEnd,

    /// <summary><see cref="LastLineEnd"/> for a text that is read from its end.</summary>
    LastLineEndReversed,

    LineStart,

    LineEnd,

    /// <summary>Between a letter or digit and another character.</summary>
    WordBoundary,

    NoWordBoundary,
}
