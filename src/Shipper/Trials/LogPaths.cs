using System.IO.Enumeration;
using Shipper.Discovery;

namespace Shipper.Trials;

/// <summary>Finds the files that the arguments of a command name.</summary>
internal static class LogPaths
{
    /// <summary>Returns the files at a path.</summary>
    /// <param name="path">A file, a directory, of which all files are returned, or a glob.</param>
    /// <returns>Absolute paths in alphabetical order. The path itself if it is no directory and no glob; it may not exist.</returns>
    /// <exception cref="IOException">A directory can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to read a directory.</exception>
    public static IEnumerable<string> Expand(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return Find(full, _ => true, int.MaxValue);
        }

        if (File.Exists(full) || !full.AsSpan().ContainsAny('*', '?'))
        {
            return [full];
        }

        var glob = new Glob(full);
        int depth = full.Contains("**", StringComparison.Ordinal) ? int.MaxValue : glob.SegmentCount - glob.RootSegmentCount - 1;
        return Directory.Exists(glob.Root) ? Find(glob.Root, glob.IsMatch, depth) : [];
    }

    /// <summary>Follows links to files, but not to directories, which may lead back to a parent directory.</summary>
    private static IEnumerable<string> Find(string root, Predicate<string> isMatch, int depth)
    {
        var found = new FileSystemEnumerable<string>(
            root,
            (ref FileSystemEntry entry) => entry.ToFullPath(),
            new EnumerationOptions
            {
                RecurseSubdirectories = true,
                IgnoreInaccessible = false,
                MaxRecursionDepth = depth,
                AttributesToSkip = FileAttributes.Hidden,
            })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return found.Where(path => isMatch(path)).Order(StringComparer.Ordinal);
    }
}
