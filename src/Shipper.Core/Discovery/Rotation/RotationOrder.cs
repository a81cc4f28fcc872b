using Shipper.Content;
using Shipper.Native;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// Orders files whose names don't show which one is older. Some writers give the newest file the smallest number, others the largest; the files'
/// modification times show which.
/// </summary>
internal static class RotationOrder
{
    /// <summary>Sets <see cref="GenerationName.Order"/> of the names that need it, and sorts all names, oldest first.</summary>
    /// <param name="found">The names.</param>
    /// <param name="directory">The directory of the files.</param>
    public static void Sort(List<(GenerationName Name, ulong Inode)> found, string directory)
    {
        if (found.Exists(file => file.Name.IsOrderAmbiguous))
        {
            foreach (IGrouping<(int, bool, string), int> group in Enumerable.Range(0, found.Count).Where(i => found[i].Name.IsOrderAmbiguous)
                .GroupBy(i => (found[i].Name.Restart, found[i].Name.IsNumbered, found[i].Name.Tag!.Value.Date)).Where(group => group.Count() > 1).ToList())
            {
                int order = 0;
                foreach (int i in InOrder([.. group.Select(i => (i, found[i].Name, ModifiedNs(directory, found[i].Name)))]))
                {
                    found[i] = (found[i].Name with { Order = ++order }, found[i].Inode);
                }
            }
        }

        found.Sort(static (a, b) => a.Name.CompareTo(b.Name));
    }

    private static IEnumerable<int> InOrder(List<(int Index, GenerationName Name, long ModifiedNs)> files)
    {
        files.Sort(static (a, b) => a.Name.CompareTo(b.Name));
        if (!files[0].Name.IsNumbered && files[0].Name.Tag!.Value.Date.Length == 0)
        {
            // A compressed file has the time of its compression, and some files are compressed only after the next rotation.
            return files.OrderBy(file => file.Name.Compression == FileCompression.None).ThenBy(file => file.ModifiedNs).Select(file => file.Index);
        }

        // Compressed files vote separately, because they may have the time of their compression.
        int vote = CountVotesByTime(files, isCompressed: false) + CountVotesByTime(files, isCompressed: true);
        bool isUp = vote == 0 ? CountVotesByCompression(files) >= 0 : vote > 0;
        return (isUp ? files : files.AsEnumerable().Reverse()).Select(file => file.Index);
    }

    /// <summary>Returns the number of pairs whose times say that numbers increase over time, minus the number of pairs that say the opposite.</summary>
    private static int CountVotesByTime(List<(int Index, GenerationName Name, long ModifiedNs)> files, bool isCompressed)
    {
        int vote = 0;
        long? before = null;
        foreach ((_, GenerationName name, long modifiedNs) in files)
        {
            if (name.Compression != FileCompression.None == isCompressed)
            {
                vote += before is { } beforeNs ? Math.Sign(modifiedNs - beforeNs) : 0;
                before = modifiedNs;
            }
        }

        return vote;
    }

    /// <summary>Like <see cref="CountVotesByTime"/>, by compression: the compressed files are older.</summary>
    private static int CountVotesByCompression(List<(int Index, GenerationName Name, long ModifiedNs)> files)
    {
        int vote = 0;
        for (int i = 1; i < files.Count; i++)
        {
            bool wasCompressed = files[i - 1].Name.Compression != FileCompression.None;
            bool isCompressed = files[i].Name.Compression != FileCompression.None;
            vote += wasCompressed == isCompressed ? 0 : wasCompressed ? 1 : -1;
        }

        return vote;
    }

    private static long ModifiedNs(string directory, GenerationName name) =>
        FileStatus.OfPath(directory + "/" + name.FileName, out FileStatus status) == 0 ? status.ModifiedNs : 0;
}
