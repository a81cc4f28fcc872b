namespace Shipper.Core.Tests.Support;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="isInMemory">True to have it in memory where there is such a place: for tests that would wait for the disk.</param>
    public TemporaryDirectory(bool isInMemory = false)
    {
        Path = isInMemory && Directory.Exists(Memory)
            ? Directory.CreateDirectory($"{Memory}/shipper-test-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("shipper-test-").FullName;
    }

    public string Path { get; }

    public static implicit operator string(TemporaryDirectory directory) => directory.Path;

    /// <summary>The path of something in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
