using System.IO.Hashing;
using System.Text;
using Shipper.Discovery;
using Shipper.Tailing;

namespace Shipper.Lanes;

/// <summary>Brings what discovery finds to its lane. All logs of a stream go to the same one, so that their order holds.</summary>
internal sealed class LaneSink(Lane[] lanes) : ILogSink
{
    public void Add(SeriesFound found)
    {
        // Not string.GetHashCode, which differs from one start to the next.
        Lane lane = lanes[(int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(found.Key)) % (uint)lanes.Length)];
        lane.Tailer.Add(found);
        lane.Wake();
    }

    public void Unlink(string seriesPath)
    {
        foreach (Lane lane in lanes)
        {
            lane.Tailer.Unlink(seriesPath);
            lane.Wake();
        }
    }

    public void DirectoryChanged(string directory)
    {
        foreach (Lane lane in lanes)
        {
            lane.Tailer.DirectoryChanged(directory);
            lane.Wake();
        }
    }
}
