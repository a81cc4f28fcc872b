using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Finds files of a log under names that belong to another log, or to none.</summary>
internal static class RenamedFiles
{
    /// <summary>Adds the log's known files that have names of another log, or of none.</summary>
    public static void AddTo(List<(GenerationName Name, ulong Inode)> found, TailedStream stream, RotatedLog rotatedLog, List<DirectoryEntry> listing)
    {
        foreach (Generation generation in stream.Generations)
        {
            ulong inode = generation.HasFile ? generation.Status.Inode : generation.Checkpoint.Inode;
            if (generation.Log == rotatedLog && generation is { IsDeleted: false, IsLeftBehind: false, Directory: null } && inode != 0 && !found.Exists(file => file.Inode == inode)
                && listing.Find(entry => entry.Inode == inode && entry.IsValidName) is { Name: not null } entry
                && (generation.Handle is not null || generation.Identity.Length == FileIdentity.MaxLength
                    || !FileOwners.IsNamedAfterAnother(rotatedLog.Directory, entry.Name, rotatedLog.LogPathOf(generation.Name))))
            {
                found.Insert(0, (GenerationName.FromRenamed(entry.Name, generation.Name.Restart), inode));
            }
        }

        foreach (string path in rotatedLog.KnownFiles)
        {
            if (Path.GetDirectoryName(path) == rotatedLog.Directory && Path.GetFileName(path) is var name && !found.Exists(file => file.Name.FileName == name)
                && !rotatedLog.TryParse(name, out _) && listing.Find(entry => entry.Name == name) is { Name: not null } entry)
            {
                found.Insert(0, (GenerationName.FromRenamed(name, 0), entry.Inode));
            }
        }
    }
}
