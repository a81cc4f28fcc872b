namespace Shipper.Tailing.Files;

/// <summary>How a file relates to a generation that begins like it.</summary>
internal enum ContentMatch
{
    /// <summary>A different file.</summary>
    None,

    /// <summary>The same content; reading resumes in this file.</summary>
    Same,

    /// <summary>A copy of the content; nothing of it is needed.</summary>
    Copy,

    /// <summary>Undecided: the similar file was truncated just now and must be looked at first.</summary>
    Later,
}
