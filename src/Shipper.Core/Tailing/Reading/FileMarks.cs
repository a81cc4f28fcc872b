using Shipper.Tailing.Losses;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>Pool of the marks of a lane's files, and the services that they use.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class FileMarks(NulRecorder nuls, TimeProvider time, AgentMetrics metrics)
{
    private readonly Stack<FileMark> _free = [];

    public NulRecorder Nuls { get; } = nuls;

    public TimeProvider Time { get; } = time;

    public AgentMetrics Metrics { get; } = metrics;

    /// <summary>Returns an empty mark.</summary>
    public FileMark Rent() => _free.TryPop(out FileMark? mark) ? mark : new FileMark(this);

    /// <summary>Puts a mark back into the pool.</summary>
    public void Return(FileMark mark) => _free.Push(mark);
}
