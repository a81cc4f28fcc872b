using System.Globalization;
using System.IO.Compression;

namespace Shipper.Tests;

/// <summary>Rotates logs step by step, as logrotate and logging libraries do. The writer creates the next live file.</summary>
internal static class LogRotation
{
    /// <summary>Rotates a log.</summary>
    /// <param name="log">Path of the live file.</param>
    /// <param name="style">Name of the method; a trailing "compressed" also compresses the rotated file.</param>
    /// <param name="number">Number of this rotation, from 1.</param>
    public static void Rotate(string log, string style, int number)
    {
        string directory = Path.GetDirectoryName(log)!;
        string extension = Path.GetExtension(log);
        string name = Path.Combine(directory, Path.GetFileNameWithoutExtension(log));
        string time = string.Create(CultureInfo.InvariantCulture, $"2026-11-29T08-21-{number:D2}.345");
        bool compresses = style.EndsWith(" compressed", StringComparison.Ordinal);
        switch (compresses ? style[..^" compressed".Length] : style)
        {
            case "number":
                Shift(number, i => $"{log}.{i}");
                File.Move(log, log + ".1");
                break;
            case "date":
                File.Move(log, $"{log}-2026112{number}");
                break;
            case "copytruncate":
                Shift(number, i => $"{log}.{i}");
                CopyAndTruncate(log, log + ".1");
                break;
            case "extension and copytruncate":
                Shift(number, i => $"{name}.{i}{extension}");
                CopyAndTruncate(log, $"{name}.1{extension}");
                break;
            case "lumberjack":
                File.Move(log, $"{name}-{time}{extension}");
                CompressIf(compresses, $"{name}-{time}{extension}");
                break;
            case "logback":
                File.Move(log, $"{name}.2026-11-2{number}{extension}");
                break;
            case "no separator":
                File.Move(log, $"{name}2026112{number}{extension}");
                break;
            case "log4j min":
                Shift(number, i => $"{name}-{i}{extension}");
                File.Move(log, $"{name}-1{extension}");
                break;
            case "log4j max":
                File.Move(log, $"{name}-{number}{extension}");
                CompressIf(compresses, $"{name}-{number}{extension}");
                break;
            case "any name":
                File.Move(log, $"{log}.before-{"abcdefgh"[number]}");
                CompressIf(compresses, $"{log}.before-{"abcdefgh"[number]}");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(style), style, "Unknown method of rotation.");
        }
    }

    private static void Shift(int number, Func<int, string> nameOf)
    {
        for (int i = number; i > 1; i--)
        {
            if (File.Exists(nameOf(i - 1)))
            {
                File.Move(nameOf(i - 1), nameOf(i));
            }
        }
    }

    private static void CopyAndTruncate(string log, string copy)
    {
        File.Copy(log, copy);
        File.WriteAllText(log, "");
    }

    private static void CompressIf(bool compresses, string path)
    {
        if (!compresses)
        {
            return;
        }

        using (FileStream plain = File.OpenRead(path))
        using (FileStream file = File.Create(path + ".gz"))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            plain.CopyTo(gzip);
        }

        File.Delete(path);
    }
}
