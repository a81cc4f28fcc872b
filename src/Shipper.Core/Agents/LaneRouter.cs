using System.IO.Hashing;
using System.Text;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Tailing;

namespace Shipper.Agents;

/// <summary>Brings what discovery finds to its lane. All logs of a stream go to the same one, so that their order holds.</summary>
internal sealed class LaneRouter((Lane Lane, FileSource Source)[] lanes) : ILogSink
{
    public void Publish(LogNews news)
    {
        // Not string.GetHashCode, which differs from one start to the next.
        ReadOnlySpan<(Lane, FileSource)> concerned = news is LogFound found
            ? lanes.AsSpan((int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(found.Key)) % (uint)lanes.Length), 1)
            : lanes;
        foreach ((Lane lane, FileSource source) in concerned)
        {
            source.Publish(news);
            lane.Wake();
        }
    }
}
