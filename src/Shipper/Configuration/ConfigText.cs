using System.Buffers;
using System.Text;

namespace Shipper.Configuration;

/// <summary>Reads the text of a configuration file: UTF-8, or what a byte order mark says.</summary>
internal static class ConfigText
{
    /// <summary>No configuration is longer, so that a wrong path does not take all memory.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; a pipe will do.</param>
    /// <param name="problem">Why it is no text.</param>
    /// <returns>The text; null if it is none.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
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
        return length <= MaxBytes ? bytes[..length] : throw new IOException($"it is longer than {Units.FormatSize(MaxBytes)}, as no configuration is");
    }

    /// <summary>Finds a NUL: the file is binary, or UTF-16 without a byte order mark.</summary>
    private static ConfigProblem? FindNul(string text)
    {
        int nul = text.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? null : new ConfigProblem(
            new Position(text.AsSpan(0, nul).Count('\n') + 1, nul - (nul == 0 ? -1 : text.LastIndexOf('\n', nul - 1))), "this is a NUL, and the file is no text, or one in UTF-16; save it as UTF-8");
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
        var at = new Position(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1);
        return new ConfigProblem(at, valid < bytes.Length ? $"the byte 0x{bytes[valid]:X2} is no UTF-8; save the file as UTF-8" : "not in the encoding that its first bytes name; save the file as UTF-8");
    }
}
