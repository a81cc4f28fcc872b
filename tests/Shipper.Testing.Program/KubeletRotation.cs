using System.Globalization;
using System.IO.Compression;

namespace Shipper.Testing.Program;

/// <summary>Rotates a log as kubelet does.</summary>
internal static class KubeletRotation
{
    /// <summary>Renames the live file and creates a new one.</summary>
    /// <param name="path">The live file.</param>
    /// <param name="time">The time in the new name.</param>
    /// <returns>The new name of the file.</returns>
    public static string Rename(string path, DateTimeOffset time)
    {
        string rotated = path + time.ToString("'.'yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        File.Move(path, rotated);
        File.Create(path).Dispose();
        return rotated;
    }

    /// <summary>Replaces a rotated file by a compressed one.</summary>
    /// <returns>The name of the compressed file.</returns>
    public static string Compress(string rotated)
    {
        using (FileStream source = File.OpenRead(rotated))
        using (FileStream target = File.Create(rotated + ".tmp"))
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            source.CopyTo(gzip);
        }

        File.Move(rotated + ".tmp", rotated + ".gz");
        File.Delete(rotated);
        return rotated + ".gz";
    }
}
