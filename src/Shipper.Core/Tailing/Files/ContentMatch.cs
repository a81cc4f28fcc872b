namespace Shipper.Tailing.Files;

/// <summary>What a file is to a generation that begins like it.</summary>
internal enum ContentMatch
{
    /// <summary>Another file.</summary>
    None,

    /// <summary>The same content, to be read on from here.</summary>
    Same,

    /// <summary>The same content, of which nothing is needed.</summary>
    Copy,

    /// <summary>Known when the file it resembles, truncated just now, has been looked at again.</summary>
    Later,
}
