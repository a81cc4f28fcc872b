using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// Generates the lines of one file in CRI format: JSON in files with even numbers, nginx access lines in the others. A line has 203 bytes
/// on average, including its newline. The lines are the same in each run, and random enough that Promtail 3.6 sends 88 MB for 2,000,000 of
/// them. Every line carries a <see cref="LineMark"/>. Not thread-safe.
/// </summary>
/// <param name="file">Number of the file.</param>
internal sealed class LineWriter(int file) : LineGenerator
{
    /// <summary>Average bytes of a line, including its newline.</summary>
    public const double MeanLineBytes = 203;

    private const int Seed = 20261123;

    private static readonly string[] Paths = ["/", "/index.html", "/api/v1/orders", "/api/v1/orders/items", "/static/main.4f1d.js", "/healthz", "/login"];
    private static readonly string[] Messages = ["order placed", "cache miss for key", "request completed", "user logged in", "retrying after timeout"];

    private static readonly int[] Sizes = [0, 153, 612, 2_048, 7_340, 15_872, 48_211, 91_004];

    private readonly Random _random = new(Seed + file);

    public override int Write(Span<byte> to, DateTime time, long writtenUs)
    {
        // .NET gives seven digits of a second and a Z, but a container runtime writes nine digits.
        _ = Utf8Formatter.TryFormat(time, to, out int length, 'O');
        length--;
        CultureInfo culture = CultureInfo.InvariantCulture;
        string output = _random.Next(10) == 0 ? "stderr" : "stdout";
        string path = Paths[_random.Next(Paths.Length)];
        var mark = new LineMark(file, Count++, writtenUs);
        _ = Utf8.TryWrite(to[length..], culture, $"{_random.Next(1, 100):D2}Z {output} F ", out int added);
        length += added;
        bool fits = file % 2 == 0
            ? Utf8.TryWrite(
                to[length..],
                culture,
                $"{{\"level\":\"info\",\"service\":\"shop\",\"version\":\"2.14.0\",\"msg\":\"{Messages[_random.Next(Messages.Length)]}\",\"trace\":\"{_random.NextInt64(1L << 48):x12}\",\"user\":{_random.Next(10_000)},\"took_ms\":{_random.Next(500)},\"path\":\"{path}?{LineMark.Name}{mark.File}.{mark.Number}.{mark.WrittenUs}\"}}\n",
                out added)
            : Utf8.TryWrite(
                to[length..],
                culture,
                $"10.0.{_random.Next(16)}.{_random.Next(256)} - - \"GET {path}?{LineMark.Name}{mark.File}.{mark.Number}.{mark.WrittenUs} HTTP/1.1\" {(_random.Next(20) == 0 ? 404 : 200)} {Sizes[_random.Next(Sizes.Length)]} \"https://shop.example.com/\" \"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/{_random.Next(90, 140)}.0\" {_random.Next(200) / 1000.0:F3}\n",
                out added);
        return fits ? length + added : throw new InvalidOperationException("BUG: a line is longer than there is room for.");
    }
}
