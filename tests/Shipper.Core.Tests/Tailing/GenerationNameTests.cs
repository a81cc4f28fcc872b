namespace Shipper.Tailing;

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
    public void TryParse_Generation_IsRecognised(string fileName, bool isLive, bool isGzip)
    {
        Assert.True(GenerationName.TryParse(fileName, "0.log", 3, out GenerationName name));
        Assert.Equal(isLive, name.IsLive);
        Assert.Equal(isGzip, name.IsGzip);
        Assert.Equal(3, name.Restart);
    }

    [Theory]
    [InlineData("0.log.20261123-012803.tmp")]
    [InlineData("0.log.20261123-012803.gz.tmp")]
    [InlineData("0.log.bak")]
    [InlineData("0.log~")]
    [InlineData("0.logs")]
    [InlineData("0.log.")]
    [InlineData("1.log")]
    [InlineData("10.log")]
    public void TryParse_AnotherFile_IsRefused(string fileName) =>
        Assert.False(GenerationName.TryParse(fileName, "0.log", 0, out _));

    /// <summary>A file that was compressed before it was found, and nothing tells of what log.</summary>
    [Fact]
    public void TryParse_LogThatIsCompressed_IsItsOwnGeneration()
    {
        Assert.True(GenerationName.TryParse("app.gz", "app.gz", 0, out GenerationName name));
        Assert.True(name.IsGzip);
        Assert.True(GenerationName.TryParse("app.gz.1", "app.gz", 0, out name));
        Assert.False(name.IsGzip);
        Assert.False(GenerationName.TryParse("app.gz", "app.g", 0, out _));
    }

    [Fact]
    public void CompareTo_Names_AreOldestFirst()
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

    [Theory]
    [InlineData("/pods/ns_p_u/c/0.log", "/pods/ns_p_u/c", true)]
    [InlineData("/pods/ns_p_u/c/7.log.20261123-012803.gz", "/pods/ns_p_u/c", true)]
    [InlineData("/docker/abc/abc-json.log", "/docker/abc/abc-json.log", false)]
    [InlineData("/docker/abc/abc-json.log.2.gz", "/docker/abc/abc-json.log", false)]
    [InlineData("/logs/app.txt", "/logs/app.txt", false)]
    [InlineData("/logs/app.gz", "/logs/app.gz", false)]
    public void SeriesOf_Path_IsTheLogItBelongsTo(string path, string expected, bool ownsDirectory)
    {
        LogSeries series = LogSeries.Of(path, 0);

        Assert.Equal(expected, series.Path);
        Assert.Equal(ownsDirectory, series.OwnsDirectory);
    }
}
