using System.IO.Hashing;
using System.Text;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Tailing;

namespace Shipper.Agents;

/// <summary>Brings what discovery finds to its lane. All logs of a stream go to the same one, so that their order holds.</summary>
internal sealed class LaneSink((Lane Lane, Tailer Tailer)[] lanes) : ILogSink
{
    public void Add(SeriesFound found)
    {
        // Not string.GetHashCode, which differs from one start to the next.
        (Lane lane, Tailer tailer) = lanes[(int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(found.Key)) % (uint)lanes.Length)];
        tailer.Add(found);
        lane.Wake();
    }

    public void Unlink(string seriesPath) => Tell(tailer => tailer.Unlink(seriesPath));

    public void Exclude(string seriesPath) => Tell(tailer => tailer.Exclude(seriesPath));

    public void DirectoryChanged(string directory) => Tell(tailer => tailer.DirectoryChanged(directory));

    private void Tell(Action<Tailer> tell)
    {
        foreach ((Lane lane, Tailer tailer) in lanes)
        {
            tell(tailer);
            lane.Wake();
        }
    }
}
