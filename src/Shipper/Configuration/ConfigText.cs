using System.Buffers;
using System.Text;

namespace Shipper.Configuration;

/// <summary>Reads the text of a configuration file: UTF-8, or the encoding that a byte order mark names.</summary>
internal static class ConfigText
{
    /// <summary>Upper bound of a configuration file, in bytes: a wrong path must not take all memory.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, or a pipe.</param>
    /// <param name="problem">The problem, if the file is not text.</param>
    /// <returns>The text; null if there is a problem.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to read the file.</exception>
    public static string? Read(string path, out ConfigProblem? problem)
    {
        problem = null;
        byte[] bytes = ReadBytes(path);
        using var reader = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            string text = reader.ReadToEnd();
            problem = FindNul(text);
            return problem is null ? text : null;
        }
        catch (DecoderFallbackException)
        {
            problem = FindInvalid(bytes);
            return null;
        }
    }

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is a directory, not a file");
        }

        using FileStream file = File.OpenRead(path);
        var bytes = new byte[MaxBytes + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxBytes ? bytes[..length] : throw new IOException($"it is larger than {Units.FormatSize(MaxBytes)}, the limit for a configuration");
    }

    /// <summary>Finds a NUL: the file is binary, or UTF-16 without a byte order mark.</summary>
    private static ConfigProblem? FindNul(string text)
    {
        int nul = text.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? null : new ConfigProblem(
            new SourceLocation(text.AsSpan(0, nul).Count('\n') + 1, nul - (nul == 0 ? -1 : text.LastIndexOf('\n', nul - 1))), "this is a NUL character, so the file is binary or UTF-16; save it as UTF-8");
    }

    private static ConfigProblem FindInvalid(ReadOnlySpan<byte> bytes)
    {
        int valid = 0;
        while (Rune.DecodeFromUtf8(bytes[valid..], out _, out int consumed) == OperationStatus.Done)
        {
            valid += consumed;
        }

        ReadOnlySpan<byte> before = bytes[..valid];
        ReadOnlySpan<byte> line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        var at = new SourceLocation(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1);
        return new ConfigProblem(at, valid < bytes.Length ? $"the byte 0x{bytes[valid]:X2} is not valid UTF-8; save the file as UTF-8" : "the file is not in the encoding that its byte order mark names; save it as UTF-8");
    }
}
