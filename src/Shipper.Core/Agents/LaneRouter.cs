using System.IO.Hashing;
using System.Text;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Tailing;

namespace Shipper.Agents;

/// <summary>Passes what discovery finds to the lanes. All logs of a stream go to the same lane, so that their order is kept.</summary>
internal sealed class LaneRouter((Lane Lane, FileSource Source)[] lanes) : ILogSink
{
    public void Publish(LogChange change)
    {
        // string.GetHashCode would differ from one start to the next.
        ReadOnlySpan<(Lane, FileSource)> targets = change is LogFound found
            ? lanes.AsSpan((int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(found.Key)) % (uint)lanes.Length), 1)
            : lanes;
        foreach ((Lane lane, FileSource source) in targets)
        {
            source.Publish(change);
            lane.Wake();
        }
    }
}
