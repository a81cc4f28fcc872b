namespace Shipper.Tailing.Files;

/// <summary>How a file relates to a generation that starts with the same bytes.</summary>
internal enum ContentMatch
{
    /// <summary>A different file.</summary>
    None,

    /// <summary>The same content; reading resumes in this file.</summary>
    Same,

    /// <summary>A copy of the content, which is not needed.</summary>
    Copy,

    /// <summary>Undecided: the open file of the generation was truncated just now and must be checked first.</summary>
    Undecided,
}
