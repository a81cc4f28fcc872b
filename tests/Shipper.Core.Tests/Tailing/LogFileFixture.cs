using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Shipper.Core.Tests.Tailing;

/// <summary>What is done to the files of a log, whose lines are numbered.</summary>
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

    /// <summary>A writer that does not append goes on where it was, whatever became of the file.</summary>
    private protected static void WriteBehindHole(string path, long bytes, string text)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length + bytes;
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The file as its writer has it open: it goes on writing there whatever becomes of the name.</summary>
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

    /// <summary>A line that its runtime has not ended.</summary>
    private protected void AppendOpen(string path) => File.AppendAllText(path, $"2026-11-23T01:21:27Z stdout P line {_number++}\n");

    private protected void AssertComplete(TailingFixture sut) => AssertComplete(sut, []);

    /// <param name="sut">What read the lines.</param>
    /// <param name="lost">Numbers of those that can't have arrived.</param>
    private protected void AssertComplete(TailingFixture sut, IEnumerable<int> lost) =>
        Assert.Equal(Enumerable.Range(0, _number).Except(lost).Select(number => $"line {number}"), sut.Lines);
}
