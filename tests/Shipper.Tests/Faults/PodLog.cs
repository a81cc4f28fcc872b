using System.Globalization;
using System.Text;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// The log of a pod: numbered lines with the current time, as the runtime writes them, rotated as kubelet does, with five generations, three of them
/// compressed. Keeps track of the deleted generations.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PodLog
{
    private const int NumberDigits = 8;
    private const int MaxFiles = 5;

    private readonly string _path;
    private readonly int _lineBytes;
    private readonly Queue<Generation> _rotated = new();
    private readonly DateTimeOffset _firstRotation = TimeProvider.System.GetUtcNow().AddHours(-1);
    private int _rotations;
    private int _first;
    private long _newestTicks;

    /// <param name="lineBytes">Length of each line in bytes; 0 for lengths from 8 to 158.</param>
    public PodLog(NodeDirectory node, string pod, int lineBytes = 0)
    {
        Pod = pod;
        _path = node.AddContainer(pod);
        _lineBytes = lineBytes;
    }

    public string Pod { get; }

    /// <summary>Number of lines written.</summary>
    public int Count { get; private set; }

    /// <summary>Number of bytes written, to all files together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Offset of the clock, as if somebody had changed it.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Deleted generations, with their lines and uncompressed bytes.</summary>
    public List<Generation> Deleted { get; } = [];

    /// <summary>Uncompressed bytes of the deleted generations.</summary>
    public long DeletedBytes => Deleted.Sum(generation => generation.Bytes);

    /// <summary>
    /// Number of lines that the agent has recorded as acknowledged, in tests that kill it. If it dies before it records Loki's response, and the file
    /// is deleted before the next start, it must assume that the lines are lost. If it is null, a generation may be deleted once Loki has it.
    /// </summary>
    public int? Settled { get; set; }

    /// <summary>Number of lines that must be delivered before the next rotation, so that it deletes nothing that is still needed.</summary>
    public int NeededBeforeRotation => _rotated.Count <= MaxFiles - 2 ? 0 : _rotated.ElementAt(1).FirstLine + _rotated.ElementAt(1).Lines;

    /// <summary>Size of the live file in bytes.</summary>
    public long LiveBytes => new FileInfo(_path).Length;

    /// <summary>Returns the number that a line begins with.</summary>
    public static int NumberOf(string line) => int.Parse(line.AsSpan(0, NumberDigits), CultureInfo.InvariantCulture);

    /// <summary>Writes the next lines with one system call.</summary>
    public void Write(int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            // After the clock was set back, times continue from there; otherwise no two lines have the same time.
            long ticks = (TimeProvider.System.GetUtcNow() + ClockOffset).UtcTicks;
            _newestTicks = ticks < _newestTicks - TimeSpan.TicksPerMinute ? ticks : Math.Max(ticks, _newestTicks + 1);
            int length = _lineBytes == 0 ? Count % 150 : _lineBytes - NumberDigits - 1;
            text.Append(new DateTime(_newestTicks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture))
                .Append(Count % 7 == 0 ? " stderr F " : " stdout F ")
                .Append(Count++.ToString("D8", CultureInfo.InvariantCulture)).Append(' ').Append('.', length).Append('\n');
        }

        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(text.ToString()));
        Bytes += text.Length;
    }

    /// <summary>Deletes the excess generation, compresses the one that was rotated last, renames the live file and creates a new one.</summary>
    public void Rotate()
    {
        while (_rotated.Count > MaxFiles - 2)
        {
            Generation oldest = _rotated.Dequeue();
            File.Delete(oldest.Path);
            Deleted.Add(oldest);
        }

        if (_rotated.LastOrDefault() is { } plain && !plain.Path.EndsWith(".gz", StringComparison.Ordinal))
        {
            plain.Path = KubeletRotation.Compress(plain.Path);
        }

        long bytes = LiveBytes;
        string name = KubeletRotation.Rename(_path, _firstRotation.AddSeconds(_rotations++));
        _rotated.Enqueue(new Generation { Path = name, FirstLine = _first, Lines = Count - _first, Bytes = bytes });
        _first = Count;
    }

    /// <summary>A rotated file.</summary>
    internal sealed class Generation
    {
        public required string Path { get; set; }

        public required int FirstLine { get; init; }

        public required int Lines { get; init; }

        /// <summary>Uncompressed size in bytes.</summary>
        public required long Bytes { get; init; }
    }
}
