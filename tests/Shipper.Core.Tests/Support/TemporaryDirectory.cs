namespace Shipper.Core.Tests.Support;

/// <summary>A directory that is deleted with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="isInMemory">True to create the directory in memory if the machine has /dev/shm: for tests that would otherwise wait for the disk.</param>
    public TemporaryDirectory(bool isInMemory = false)
    {
        Path = isInMemory && Directory.Exists(Memory)
            ? Directory.CreateDirectory($"{Memory}/shipper-test-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("shipper-test-").FullName;
    }

    public string Path { get; }

    public static implicit operator string(TemporaryDirectory directory) => directory.Path;

    /// <summary>The path of an item in the directory.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
