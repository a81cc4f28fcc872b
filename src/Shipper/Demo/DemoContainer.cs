using System.Globalization;
using System.Text;
using Shipper.Agents;
using Shipper.Loki;

namespace Shipper.Demo;

/// <summary>
/// Writes a container's log as containerd and kubelet do: CRI lines in 0.log, longer lines split into parts of 16 KiB, a link in
/// /var/log/containers, and rotation by renaming, with compression of the previous rotated file.
/// </summary>
internal sealed class DemoContainer
{
    private const int MaxPartBytes = 16 * 1024;

    private readonly string _directory;
    private readonly string _labels;
    private readonly DeliveryAudit _audit;
    private readonly TimeProvider _time;
    private readonly StringBuilder _pending = new();
    private string? _rotated;
    private long _lastTicks;
    private int _rotations;

    public DemoContainer(string root, string ns, string pod, string container, AgentOptions options, DeliveryAudit audit, TimeProvider time)
    {
        _audit = audit;
        _time = time;
        _directory = Path.Combine(root, "pods", $"{ns}_{pod}_{Guid.NewGuid()}", container);
        _labels = StreamLabels.Create(new Dictionary<string, string>
        {
            ["cluster"] = options.Cluster,
            ["environment"] = options.Environment,
            ["node"] = options.NodeName,
            ["namespace"] = ns,
            ["pod"] = pod,
            ["container"] = container,
        }).Selector;
        Directory.CreateDirectory(_directory);
        File.Create(LivePath).Dispose();
        string links = Path.Combine(root, "containers");
        Directory.CreateDirectory(links);
        string id = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
        File.CreateSymbolicLink(Path.Combine(links, $"{pod}_{ns}_{container}-{id}.log"), LivePath);
    }

    /// <summary>The labels of the container's stream.</summary>
    public string Labels => _labels;

    /// <summary>Number of bytes written, including the CRI headers.</summary>
    public long Bytes { get; private set; }

    private string LivePath => Path.Combine(_directory, "0.log");

    /// <summary>Adds a line to the log, as if the container had printed it. <see cref="Flush"/> writes it.</summary>
    public void Print(string output, string line)
    {
        _audit.RecordWritten(_labels, line);
        int start = 0;
        for (; line.Length - start > MaxPartBytes; start += MaxPartBytes)
        {
            Append(output, 'P', line.AsSpan(start, MaxPartBytes));
        }

        Append(output, 'F', line.AsSpan(start));
    }

    /// <summary>Writes the printed lines to the file.</summary>
    public void Flush()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(_pending.ToString());
        _pending.Clear();
        using var file = new FileStream(LivePath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(bytes);
        Bytes += bytes.Length;
    }

    /// <summary>Rotates the log, as kubelet does.</summary>
    public void Rotate()
    {
        if (_rotated is not null)
        {
            using (FileStream source = File.OpenRead(_rotated))
            using (FileStream target = File.Create(_rotated + ".tmp"))
            using (var gzip = new System.IO.Compression.GZipStream(target, System.IO.Compression.CompressionLevel.Fastest))
            {
                source.CopyTo(gzip);
            }

            File.Move(_rotated + ".tmp", _rotated + ".gz");
            File.Delete(_rotated);
        }

        string stamp = _time.GetUtcNow().AddSeconds(_rotations++).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        _rotated = $"{LivePath}.{stamp}";
        File.Move(LivePath, _rotated);
        File.Create(LivePath).Dispose();
    }

    private void Append(string output, char tag, ReadOnlySpan<char> content)
    {
        // Two lines never have the same timestamp, as on a real node.
        _lastTicks = Math.Max(_lastTicks + 1, _time.GetUtcNow().Ticks);
        string timestamp = new DateTime(_lastTicks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
        _pending.Append(timestamp).Append(' ').Append(output).Append(' ').Append(tag).Append(' ').Append(content).Append('\n');
    }
}
