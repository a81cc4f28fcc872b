using Shipper.Benchmarks.Input;

namespace Shipper.Benchmarks.Receiving;

/// <summary>Counts lines by their marks. Not thread-safe.</summary>
internal sealed class ReceivedLines
{
    private const int MaxFiles = 100_000;
    private const long MaxNumber = 10_000_000_000;

    private readonly Dictionary<string, ReceivedStream> _streams = new(StringComparer.Ordinal);
    private readonly LatencyHistogram _latency = new();
    private NumberSet?[] _files = [];
    private NumberSet?[] _droppable = [];
    private long _records;
    private long _lines;
    private long _droppableLines;
    private long _twice;
    private long _outOfOrder;
    private long _misplaced;
    private long _unreadable;
    private long _requests;
    private long _wireBytes;
    private long _bodyBytes;
    private long _lastUs;

    public void CountRequest(long wireBytes, long bodyBytes)
    {
        _requests++;
        _wireBytes += wireBytes;
        _bodyBytes += bodyBytes;
    }

    public void CountUnreadable() => _unreadable++;

    /// <summary>Counts a record of a push in Loki's protobuf format.</summary>
    public void CountRecord() => _records++;

    public ReceivedStream StreamOf(string labels) =>
        _streams.TryGetValue(labels, out ReceivedStream? known) ? known : _streams[labels] = new ReceivedStream();

    /// <summary>Counts a line of a stream.</summary>
    public void Count(ReceivedStream stream, in LineMark mark, long nowUs)
    {
        if (!Count(in mark, nowUs))
        {
            return;
        }

        if (stream.File < 0)
        {
            stream.File = mark.File;
        }

        if (stream.File != mark.File)
        {
            _misplaced++;
        }
        else if (mark.Number < (mark.MayBeDropped ? stream.HighestDroppable : stream.Highest))
        {
            _outOfOrder++;
        }

        if (mark.MayBeDropped)
        {
            stream.HighestDroppable = Math.Max(stream.HighestDroppable, mark.Number);
        }
        else
        {
            stream.Highest = Math.Max(stream.Highest, mark.Number);
        }
    }

    /// <summary>Counts a line of an unknown stream.</summary>
    /// <returns>True if the line arrived for the first time.</returns>
    public bool Count(in LineMark mark, long nowUs)
    {
        if (mark.File >= MaxFiles || mark.Number >= MaxNumber)
        {
            _unreadable++;
            return false;
        }

        if (!Add(ref mark.MayBeDropped ? ref _droppable : ref _files, in mark))
        {
            _lines++;
            _twice++;
            return false;
        }

        _lines += mark.MayBeDropped ? 0 : 1;
        _droppableLines += mark.MayBeDropped ? 1 : 0;

        _lastUs = nowUs;
        if (mark.WrittenUs > 0)
        {
            _latency.Add(nowUs - mark.WrittenUs);
        }

        return true;
    }

    public ReceiverReport Report() =>
        new(_records, _droppableLines, _lines, _twice, _outOfOrder, _misplaced, _unreadable, _streams.Count, _requests, _wireBytes, _bodyBytes, _lastUs, _latency.Summarise());

    /// <param name="written">Number of lines of each file.</param>
    public AuditReport Audit(IReadOnlyList<long> written)
    {
        long lost = 0;
        string? first = null;
        for (int file = 0; file < written.Count; file++)
        {
            for (long number = 0; number < written[file]; number++)
            {
                if (file >= _files.Length || _files[file]?.Contains(number) != true)
                {
                    lost++;
                    first ??= $"line {number} of {written[file]} of file {file}";
                }
            }
        }

        return new AuditReport(lost, first);
    }

    private static bool Add(ref NumberSet?[] files, in LineMark mark)
    {
        if (mark.File >= files.Length)
        {
            Array.Resize(ref files, mark.File + 1);
        }

        return (files[mark.File] ??= new NumberSet()).Add(mark.Number);
    }
}
