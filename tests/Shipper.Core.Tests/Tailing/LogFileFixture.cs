using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Shipper.Core.Tests.Tailing;

/// <summary>Writes the numbered lines of a log, and truncates, compresses and extends its files.</summary>
public abstract class LogFileFixture
{
    private int _number;

    private protected static void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
    }

    private protected static void Compress(string path)
    {
        using (FileStream file = File.Create(path + ".tmp"))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        File.Move(path + ".tmp", path + ".gz");
        File.Delete(path);
    }

    /// <summary>Writes after a hole, as a writer does that keeps its offset although the file was truncated.</summary>
    private protected static void WriteAfterHole(string path, long bytes, string text)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length + bytes;
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Opens the file as its writer does: the handle stays on the file when its name is moved or deleted.</summary>
    private protected static FileStream OpenAsWriter(string path) =>
        new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private protected void Append(string path, int lines)
    {
        using FileStream file = OpenAsWriter(path);
        Append(file, lines);
    }

    private protected void Append(FileStream file, int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"2026-11-23T01:21:26.{_number:D9}Z stdout F line {_number++}\n");
        }

        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Appends the beginning of a line that the runtime has not ended.</summary>
    private protected void AppendPartialLine(string path) => File.AppendAllText(path, $"2026-11-23T01:21:27Z stdout P line {_number++}\n");

    private protected void AssertComplete(TailingFixture sut) => AssertComplete(sut, []);

    /// <summary>Asserts that Loki has all lines in order.</summary>
    /// <param name="lost">Numbers of the lines that can't have arrived.</param>
    private protected void AssertComplete(TailingFixture sut, IEnumerable<int> lost) =>
        Assert.Equal(Enumerable.Range(0, _number).Except(lost).Select(number => $"line {number}"), sut.Lines);
}
