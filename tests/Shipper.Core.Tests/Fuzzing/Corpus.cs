using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>The saved inputs of a target: every input that found a bug, and a few dozen with different outcomes.</summary>
internal static class Corpus
{
    /// <summary>The files of a target, in ordinal order.</summary>
    public static IEnumerable<string> Files(string target) =>
        Directory.Exists(Folder(target)) ? Directory.EnumerateFiles(Folder(target)).Order(StringComparer.Ordinal) : [];

    public static void Add(string target, byte[] input)
    {
        Directory.CreateDirectory(Folder(target));
        File.WriteAllBytes(Path.Combine(Folder(target), NameOf(input)), input);
    }

    /// <summary>The file name for an input: a hash of its content.</summary>
    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];

    private static string Folder(string target, [CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Corpus", target);
}
