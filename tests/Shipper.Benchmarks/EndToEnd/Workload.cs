using System.Globalization;
using System.Text;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>
/// The input of the end-to-end measurement: CRI files of several containers, half of them JSON lines and half nginx access
/// lines, 200 bytes on average, the same in each run. Every line carries its number.
/// </summary>
internal static class Workload
{
    private const int Seed = 20261123;
    private const long FirstTicks = 639_000_000_000_000_000;
    private const int TicksPerLine = 1_000;

    private static readonly string[] Paths = ["/", "/index.html", "/api/v1/orders", "/api/v1/orders/items", "/static/main.4f1d.js", "/healthz", "/login"];
    private static readonly string[] Messages = ["order placed", "cache miss for key", "request completed", "user logged in", "retrying after timeout"];

    /// <summary>Writes the files, as kubelet would have laid them out.</summary>
    /// <returns>Bytes written.</returns>
    public static long Write(string root, int files, int lines)
    {
        string links = Path.Combine(root, "containers");
        Directory.CreateDirectory(links);
        long bytes = 0;
        for (int file = 0; file < files; file++)
        {
            int count = (lines / files) + (file < lines % files ? 1 : 0);
            string pod = string.Create(CultureInfo.InvariantCulture, $"bench-{file}");
            string directory = Path.Combine(root, "pods", $"load_{pod}_00000000-0000-4000-8000-{file:D12}", "main");
            Directory.CreateDirectory(directory);
            string path = Path.Combine(directory, "0.log");
            using (var writer = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20))
            {
                WriteLines(writer, new Random(Seed + file), count, isJson: file % 2 == 0);
            }

            bytes += new FileInfo(path).Length;
            File.CreateSymbolicLink(Path.Combine(links, $"{pod}_load_main-{file:x64}.log"), path);
        }

        return bytes;
    }

    private static void WriteLines(StreamWriter writer, Random random, int count, bool isJson)
    {
        for (int n = 0; n < count; n++)
        {
            string timestamp = new DateTime(FirstTicks + ((long)n * TicksPerLine) + random.Next(TicksPerLine), DateTimeKind.Utc)
                .ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture);
            writer.Write(timestamp);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 100):D2}Z {(random.Next(10) == 0 ? "stderr" : "stdout")} F "));
            writer.Write(isJson ? Json(random, n) : Access(random, n));
            writer.Write('\n');
        }
    }

    private static string Json(Random random, int n) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"level\":\"info\",\"seq\":{n},\"msg\":\"{Messages[random.Next(Messages.Length)]}\",\"trace\":\"{random.NextInt64():x16}{random.NextInt64():x16}\",\"user\":{random.Next(1_000_000)},\"took_ms\":{random.Next(2_000)},\"path\":\"{Paths[random.Next(Paths.Length)]}\"}}");

    private static string Access(Random random, int n) => string.Create(
        CultureInfo.InvariantCulture,
        $"10.{random.Next(256)}.{random.Next(256)}.{random.Next(256)} - - \"GET {Paths[random.Next(Paths.Length)]}?seq={n} HTTP/1.1\" {(random.Next(20) == 0 ? 404 : 200)} {random.Next(100_000)} \"https://shop.example.com/\" \"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/{random.Next(90, 140)}.0\" {random.Next(2_000) / 1000.0:F3}");
}
