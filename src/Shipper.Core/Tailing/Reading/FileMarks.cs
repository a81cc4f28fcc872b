using Shipper.Tailing.Losses;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>The marks of a lane's files, which are used again, and what they write to.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class FileMarks(NulBook nuls, TimeProvider time, AgentMetrics metrics)
{
    private readonly Stack<FileMark> _free = [];

    public NulBook Nuls { get; } = nuls;

    public TimeProvider Time { get; } = time;

    public AgentMetrics Metrics { get; } = metrics;

    /// <summary>Gives an empty mark.</summary>
    public FileMark Rent() => _free.TryPop(out FileMark? mark) ? mark : new FileMark(this);

    /// <summary>Takes a mark back.</summary>
    public void Return(FileMark mark) => _free.Push(mark);
}
