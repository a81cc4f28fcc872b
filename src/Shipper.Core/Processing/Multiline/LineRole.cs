namespace Shipper.Processing.Multiline;

/// <summary>What a line is to the group of lines that is open: the answer of a <see cref="GroupRule"/>.</summary>
internal enum LineRole : byte
{
    /// <summary>A record of its own, complete as it is. Ends the open group.</summary>
    Single,

    /// <summary>The first line of a group that may continue. Ends the open group. The role and the state are the same if no group is open.</summary>
    Begin,

    /// <summary>Belongs to the open group, and so do the lines before it that were <see cref="Undecided"/>.</summary>
    Join,

    /// <summary>As <see cref="Join"/>, and begins the part of the group that is kept if the group is too long: the cause of an exception.</summary>
    JoinCause,

    /// <summary>
    /// May belong to the open group; a later line decides. If that line does not join, the group ends before the undecided lines, and each of them is
    /// classified anew.
    /// </summary>
    Undecided,
}
