using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Discovery.Rotation;

namespace Shipper.Core.Tests.Discovery.Rotation;

public class GenerationNameTests
{
    [Theory]
    [InlineData("0.log", true, false)]
    [InlineData("0.log.20261123-012803", false, false)]
    [InlineData("0.log.20261123-012803.gz", false, true)]
    [InlineData("0.log.1", false, false)]
    [InlineData("0.log.2.gz", false, true)]
    [InlineData("0.log-20261123", false, false)]
    [InlineData("0.log-20261123-1795397154.gz", false, true)]
    [InlineData("0.log_20261123", false, false)]
    [InlineData("0.log20261123", false, false)]
    [InlineData("0.log.2026-11-23_10", false, false)]
    public void TryParse_UnambiguousName_RecognizesItAsCertain(string fileName, bool isLive, bool isGzip)
    {
        Assert.True(GenerationName.TryParse(fileName, "0.log", 3, out GenerationName name));
        Assert.True(name.IsCertain);
        Assert.Equal(isLive, name.IsLive);
        Assert.Equal(isGzip, name.IsGzip);
        Assert.Equal(3, name.Restart);
    }

    /// <summary>Names that rotating writers use, each with the name of the live file.</summary>
    [Theory]
    [InlineData("audit-2026-11-29T08-21-21.345.log", "audit.log", false)]
    [InlineData("audit-2026-11-29T08-21-21.345.log.gz", "audit.log", true)]
    [InlineData("app.2026-11-29.log", "app.log", false)]
    [InlineData("app.2026-11-29-08.log", "app.log", false)]
    [InlineData("app-2026-11-29.2.log.gz", "app.log", true)]
    [InlineData("app-11-29-2026-1.log.gz", "app.log", true)]
    [InlineData("app-20261129.log", "app.log", false)]
    [InlineData("app-1795397154.log", "app.log", false)]
    [InlineData("app.2026-11.log", "app.log", false)]
    [InlineData("log20261129.txt", "log.txt", false)]
    [InlineData("log20261129_001.txt", "log.txt", false)]
    [InlineData("app.1.log", "app.log", false)]
    [InlineData("app-12.json", "app.json", false)]
    [InlineData("app_003.json.gz", "app.json", true)]
    [InlineData("worker-1", "worker", false)]
    [InlineData("app.log.1.old", "app.log", false)]
    [InlineData("app.1.log", "app", false)]
    public void TryParse_NameMayBelongToOtherLog_RecognizesItAsUncertain(string fileName, string logName, bool isGzip)
    {
        Assert.True(GenerationName.TryParse(fileName, logName, 0, out GenerationName name));
        Assert.False(name.IsCertain);
        Assert.False(name.IsLive);
        Assert.Equal(isGzip, name.IsGzip);
        Assert.Contains(logName, RotatedName.FindLogNames(fileName, isCertain: false));
    }

    [Theory]
    [InlineData("app.log.1.bz2", "app.log")]
    [InlineData("app-20261129.log.xz", "app.log")]
    [InlineData("app.log-20261129.zst", "app.log")]
    public void TryParse_OtherCompression_ReportsUnknownCompression(string fileName, string logName)
    {
        Assert.True(GenerationName.TryParse(fileName, logName, 0, out GenerationName name));
        Assert.Equal(FileCompression.Unsupported, name.Compression);
        Assert.False(name.IsLive);
    }

    [Theory]
    [InlineData("app1.log", "app.log")]
    [InlineData("app-web.log", "app.log")]
    [InlineData("app-1.2.3.log", "app.log")]
    [InlineData("app-1b.log", "app.log")]
    [InlineData("app-20261129.txt", "app.log")]
    [InlineData("application-1.log", "app.log")]
    [InlineData("-1.log", ".log")]
    public void TryParse_NameOfOtherLog_ReturnsFalse(string fileName, string logName) =>
        Assert.False(GenerationName.TryParse(fileName, logName, 0, out _));

    [Theory]
    [InlineData("0.log.20261123-012803.tmp")]
    [InlineData("0.log.20261123-012803.gz.tmp")]
    [InlineData("0.log.bak")]
    [InlineData("0.log~")]
    [InlineData("0.logs")]
    [InlineData("0.log.")]
    [InlineData("1.log")]
    [InlineData("10.log")]
    public void TryParse_OtherFile_ReturnsFalse(string fileName) =>
        Assert.False(GenerationName.TryParse(fileName, "0.log", 0, out _));

    /// <summary>The file was compressed before it was found, and nothing shows which log it belongs to.</summary>
    [Fact]
    public void TryParse_CompressedLog_RecognizesItAsItsOwnGeneration()
    {
        Assert.True(GenerationName.TryParse("app.gz", "app.gz", 0, out GenerationName name));
        Assert.True(name.IsGzip);
        Assert.True(GenerationName.TryParse("app.gz.1", "app.gz", 0, out name));
        Assert.False(name.IsGzip);
        Assert.False(GenerationName.TryParse("app.gz", "app.g", 0, out _));
    }

    [Fact]
    public void CompareTo_Names_SortsOldestFirst()
    {
        string[] expected = ["0.log.10.gz", "0.log.2.gz", "0.log.1", "0.log.0", "0.log.20261123-012803.gz", "0.log.20261123-012809", "0.log"];
        var names = new List<GenerationName>();
        foreach (string fileName in expected.Reverse())
        {
            Assert.True(GenerationName.TryParse(fileName, "0.log", 0, out GenerationName name));
            names.Add(name);
        }

        Assert.Equal(expected, names.Order().Select(name => name.FileName));
    }

    /// <summary>Covers times as text and as numbers, and several files of the same day: the tenth comes after the second.</summary>
    [Theory]
    [InlineData("app.log", "app-2026-11-28.log", "app-2026-11-29.1.log", "app-2026-11-29.2.log", "app-2026-11-29.10.log.gz", "app-2026-11-30.log")]
    [InlineData("app.log", "app-20261129.log", "app-2026-11-30.log")]
    [InlineData("audit.log", "audit-2026-11-29T08-21-21.345.log.gz", "audit-2026-11-29T08-21-21.346.log", "audit-2026-11-29T09-00-00.000.log")]
    [InlineData("app.log", "app.log-1795397154", "app.log-1795397155.gz")]
    public void CompareTo_Times_SortsByTime(string logName, params string[] expected)
    {
        var names = new List<GenerationName>();
        foreach (string fileName in expected.Reverse().Prepend(logName))
        {
            Assert.True(GenerationName.TryParse(fileName, logName, 0, out GenerationName name));
            names.Add(name);
        }

        Assert.Equal([.. expected, logName], names.Order().Select(name => name.FileName));
    }

    /// <summary>Whether the lowest or the highest number is the newest depends on the writer.</summary>
    [Theory]
    [InlineData("app-5.log.gz", "app-4.log.gz", "app-3.log", "app-2.log", "app-1.log")]
    [InlineData("app-1.log.gz", "app-2.log.gz", "app-9.log", "app-10.log")]
    [InlineData("app-1.log.gz", "app-2.log")]
    [InlineData("app-2.log.gz", "app-1.log")]
    [InlineData("app-2026-11-28.1.log", "app-2026-11-29.2.log", "app-2026-11-29.1.log", "app-2026-11-30.log")]
    [InlineData("app-2026-11-29.1.log", "app-2026-11-29.2.log.gz", "app-2026-11-29.3.log", "app-2026-11-29.4.log.gz")]
    [InlineData("app-31-12-2025.log", "app-01-01-2026.log")]
    public void Sort_AscendingOrDescendingNumbers_SortsByModificationTime(params string[] expected)
    {
        using var directory = new TemporaryDirectory();
        var names = new List<(GenerationName, ulong)>();
        for (int i = 0; i < expected.Length; i++)
        {
            File.WriteAllText(directory[expected[i]], "");
            File.SetLastWriteTimeUtc(directory[expected[i]], DateTime.UnixEpoch.AddDays(i));
        }

        foreach (string fileName in expected.Append("app.log").Order(StringComparer.Ordinal))
        {
            Assert.True(GenerationName.TryParse(fileName, "app.log", 0, out GenerationName name));
            names.Add((name, 0));
        }

        RotationOrder.Sort(names, directory);

        Assert.Equal([.. expected, "app.log"], names.Select(name => name.Item1.FileName));
    }

    [Theory]
    [InlineData("/pods/ns_p_u/c/0.log", "/pods/ns_p_u/c", true)]
    [InlineData("/pods/ns_p_u/c/7.log.20261123-012803.gz", "/pods/ns_p_u/c", true)]
    [InlineData("/docker/abc/abc-json.log", "/docker/abc/abc-json.log", false)]
    [InlineData("/docker/abc/abc-json.log.2.gz", "/docker/abc/abc-json.log", false)]
    [InlineData("/logs/app.txt", "/logs/app.txt", false)]
    [InlineData("/logs/app.gz", "/logs/app.gz", false)]
    public void FromFile_Path_ReturnsItsLog(string path, string expected, bool ownsDirectory)
    {
        RotatedLog rotatedLog = RotatedLog.FromFile(path, 0);

        Assert.Equal(expected, rotatedLog.Path);
        Assert.Equal(ownsDirectory, rotatedLog.OwnsDirectory);
    }
}
