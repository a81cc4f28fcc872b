using System.Globalization;
using System.Text;

namespace Shipper.Tests;

/// <summary>Writes numbered CRI lines.</summary>
internal sealed class CriWriter(string path)
{
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddMinutes(-10);

    /// <summary>Lines written.</summary>
    public int Count { get; private set; }

    /// <summary>The text of a line.</summary>
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
}
