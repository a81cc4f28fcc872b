using System.Globalization;
using System.Text;

namespace Shipper.Testing.Program;

/// <summary>Writes numbered lines in CRI format, and rotates the file as kubelet does.</summary>
internal sealed class CriWriter(string path)
{
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddMinutes(-10);

    private string? _rotated;
    private int _rotations;

    /// <summary>Number of lines written.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the text of a line.</summary>
    public static string Line(int number) => string.Create(CultureInfo.InvariantCulture, $"line {number} {new string('.', number % 150)}");

    public void Write(int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            string time = Start.AddTicks(Count * 100L).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
            text.Append(time).Append(Count % 7 == 0 ? " stderr F " : " stdout F ").Append(Line(Count++)).Append('\n');
        }

        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Compresses the file that was rotated last, and renames the live file.</summary>
    public void Rotate()
    {
        if (_rotated is not null)
        {
            KubeletRotation.Compress(_rotated);
        }

        _rotated = KubeletRotation.Rename(path, Start.AddSeconds(_rotations++));
    }
}
