using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// The log of a pod that prints what processing changes: stack traces, heartbeats that a rule drops, passwords that are redacted. Each line has a number, so
/// lines can be counted whatever record they are in.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed partial class TraceLog(NodeDirectory node, string pod, Random random)
{
    public const string Password = "hunter2hunter2";

    private readonly string _path = node.AddContainer(pod);
    private readonly HashSet<int> _heartbeats = [];
    private readonly DateTimeOffset _firstRotation = TimeProvider.System.GetUtcNow().AddHours(-1);
    private long _newestTicks;
    private int _traceLines;
    private int _rotations;
    private string? _rotated;
    private int _count;

    /// <summary>Number of lines that must arrive.</summary>
    public int Expected => _count - _heartbeats.Count;

    /// <summary>Writes the next lines with one system call. A trace may begin in one call and end in another.</summary>
    public void Write(int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            _newestTicks = Math.Max(TimeProvider.System.GetUtcNow().UtcTicks, _newestTicks + 1);
            string time = new DateTime(_newestTicks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
            text.Append(time).Append(" stdout F ").Append(NextLine(time)).Append('\n');
        }

        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Compresses the file that was rotated last, and renames the live file.</summary>
    public void Rotate()
    {
        if (_rotated is not null)
        {
            KubeletRotation.Compress(_rotated);
        }

        _rotated = KubeletRotation.Rename(_path, _firstRotation.AddSeconds(_rotations++));
    }

    /// <summary>Counts what became of the lines.</summary>
    /// <returns>Lost and repeated lines, lines out of order, and lines that should have been dropped.</returns>
    public (int Lost, int Twice, int Late, int NotDropped) Count(IReadOnlyList<StoredEntry> stored)
    {
        var seen = new HashSet<int>();
        int twice = 0;
        int late = 0;
        int newest = -1;
        foreach (StoredEntry entry in stored.Where(entry => !entry.Line.StartsWith(StoredLine.MarkerPrefix, StringComparison.Ordinal)))
        {
            foreach (Match match in Number().Matches(entry.Line))
            {
                int number = int.Parse(match.ValueSpan[1..], CultureInfo.InvariantCulture);
                twice += seen.Add(number) ? 0 : 1;
                late += number < newest ? 1 : 0;
                newest = Math.Max(newest, number);
            }
        }

        int notDropped = _heartbeats.Count(seen.Contains);
        return (_count - _heartbeats.Count - (seen.Count - notDropped), twice, late, notDropped);
    }

    [GeneratedRegex("#[0-9]{8}")]
    private static partial Regex Number();

    private string NextLine(string time)
    {
        string number = string.Create(CultureInfo.InvariantCulture, $"#{_count++:D8}");
        if (_traceLines > 0)
        {
            _traceLines--;
            return _traceLines % 5 == 4
                ? $"Caused by: java.io.IOException: {number} connection reset"
                : $"\tat com.example.shop.Orders.create(Orders.java:{_count % 500}) {number}";
        }

        switch (random.Next(8))
        {
            case 0:
                _traceLines = random.Next(2, 20);
                return $"{time} ERROR {number} request failed: java.lang.IllegalStateException: no such order";
            case 1:
                _heartbeats.Add(_count - 1);
                return $"{time} DEBUG {number} heartbeat";
            case 2:
                return $"{time} INFO {number} connecting user=u{_count % 100} password={Password} trace_id=4bf92f3577b34da6a3ce929d0e0e4736";
            default:
                return $"{time} INFO {number} request done user=u{_count % 100} ms={_count % 700}";
        }
    }
}
