using BenchmarkDotNet.Attributes;
using Shipper.Benchmarks.Input;
using Shipper.Loki;
using Shipper.Parsing;
using Shipper.Records;
using Snappier;

namespace Shipper.Benchmarks.HotPath;

/// <summary>
/// Compares our encoder with Snappier, a port of Google's: time and bytes for the same push request. The request is one batch of the lines of the end-to-end
/// measurement, half JSON and half access lines.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
[MedianColumn]
public class SnappyBenchmarks
{
    private const int Files = 20;
    private const int Lines = 20_000;
    private const int MaxLineBytes = 256 * 1024;

    private readonly SnappyEncoder _encoder = new();
    private byte[] _batch = null!;
    private byte[] _target = null!;

    [GlobalSetup]
    public void Prepare()
    {
        _batch = Encode();
        _target = new byte[Math.Max(SnappyEncoder.MaxCompressedLength(_batch.Length), Snappy.GetMaxCompressedLength(_batch.Length))];
        Console.WriteLine($"// A batch of {_batch.Length} bytes: Snappier {WithSnappier()}, SnappyEncoder {WithSnappyEncoder()} bytes");
    }

    [Benchmark(Baseline = true, Description = "Snappier")]
    public int WithSnappier() => Snappy.Compress(_batch, _target);

    [Benchmark(Description = "SnappyEncoder")]
    public int WithSnappyEncoder() => _encoder.Compress(_batch, _target);

    /// <summary>Encodes the files as the streams of one push request, up to the size of a batch.</summary>
    private static byte[] Encode()
    {
        string directory = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
        try
        {
            InputWriter.Write(directory, Files, Lines, TimeSpan.FromMinutes(10));
            long size = new BatchOptions().Size / Files;
            var request = new byte[2 * new BatchOptions().Size];
            var parser = new ContainerLineParser(MaxLineBytes);
            int length = 0;
            foreach (string path in Directory.EnumerateFiles(Path.Combine(directory, "containers")).Order(StringComparer.Ordinal))
            {
                int start = length;
                var labels = StreamLabels.Create(new Dictionary<string, string> { ["pod"] = Path.GetFileName(path) });
                length += PushRequestWriter.BeginStream(request.AsSpan(length), labels.Encoded);
                ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
                for (int end; length - start < size && (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
                {
                    if (parser.TryParse(rest[..end], out LogLine line))
                    {
                        length += PushRequestWriter.WriteEntry(request.AsSpan(length), line.Content, line.TimestampNs, []);
                    }
                }

                PushRequestWriter.EndStream(request.AsSpan(start, length - start));
            }

            return request[..length];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
