using System.Diagnostics;
using Shipper.Core.Tests.Support;
using Shipper.Native;

namespace Shipper.Core.Tests.Native;

public sealed class DirectoryWatchTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly DirectoryWatch _sut = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    public void Dispose()
    {
        _sut.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Wait_FileIsCreated_EndsAndReportsTheDirectory()
    {
        string watched = Create("a");
        File.WriteAllText(Path.Combine(watched, "0.log"), "");

        Assert.True(_sut.Wait(Long));

        Assert.True(_sut.DrainChanges(_changed));
        Assert.Equal([watched], _changed);
        Assert.False(_sut.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void Wait_Interrupted_EndsNowAndLater()
    {
        Create("a");
        long start = Stopwatch.GetTimestamp();

        _sut.Interrupt();

        Assert.False(_sut.Wait(Long));
        Assert.False(_sut.Wait(Long));
        Assert.True(Stopwatch.GetElapsedTime(start) < Long);
    }

    [Fact]
    public void IsReliableFor_DirectoryWasMoved_ReturnsFalse()
    {
        string moved = Create("a");
        string other = Create("b");
        bool isLocal = _sut.IsReliableFor(moved);

        Directory.Move(moved, _directory["c"]);
        _sut.DrainChanges(_changed);

        Assert.Contains(moved, _changed);
        Assert.False(_sut.IsReliableFor(moved));
        Assert.Equal(isLocal, _sut.IsReliableFor(other));
    }

    [Fact]
    public void IsReliableFor_DirectoryIsMissing_ReturnsFalse()
    {
        string missing = _directory["missing"];

        _sut.Add(missing);

        Assert.False(_sut.IsReliableFor(missing));
        _sut.Remove(missing);
        Assert.True(_sut.IsReliableFor(missing));
    }

    private string Create(string name)
    {
        string path = _directory[name];
        Directory.CreateDirectory(path);
        _sut.Add(path);
        return path;
    }
}
