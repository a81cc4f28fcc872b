using System.Globalization;
using BenchmarkDotNet.Attributes;
using Shipper.Processing;

namespace Shipper.Benchmarks.HotPath;

/// <summary>
/// Measures how fast stack traces are joined: lines of 533 bytes in the file, in traces of 20 lines of Java, from the file to the encoded batch. 1,000 ns per
/// line are 533 MB/s per core.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class TraceBenchmarks
{
    private const int Lines = 20_000;
    private const int TraceLines = 20;
    private const int LineBytes = 533;

    private readonly string _directory = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
    private ReadLoop _loop = null!;

    [GlobalSetup]
    public void Prepare()
    {
        string file = Path.Combine(_directory, "0.log");
        File.WriteAllLines(file, Enumerable.Range(0, Lines).Select(Line));
        string state = Directory.CreateDirectory(Path.Combine(_directory, "state")).FullName;
        _loop = new ReadLoop(state, [file], new ProcessingOptions { Level = DetectMode.Off });
    }

    [Benchmark(OperationsPerInvoke = Lines, Description = "read, parse, join, encode")]
    public int Join()
    {
        int records = _loop.Run(compresses: false);

        // The last trace may continue.
        return records == (Lines / TraceLines) - 1 ? records : throw new InvalidOperationException($"BUG: {records} records of {Lines} lines.");
    }

    [GlobalCleanup]
    public void Clean()
    {
        _loop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Line(int n)
    {
        string text = n % TraceLines == 0
            ? string.Create(CultureInfo.InvariantCulture, $"java.lang.IllegalStateException: Order {n} could not be saved: ")
            : string.Create(CultureInfo.InvariantCulture, $"\tat com.example.shop.orders.OrderService$$Lambda{n}.save(OrderService.java:{n % 1_000}) ~[");
        string line = string.Create(CultureInfo.InvariantCulture, $"2026-11-30T01:{n / 1_000 % 60:D2}:{n / 20 % 50:D2}.{n % 1_000:D3}000001Z stdout F {text}");
        return line.PadRight(LineBytes - 1, 'x');
    }
}
