using System.Diagnostics;

namespace Shipper.Benchmarks.Processes;

/// <summary>A shell command that runs until it is killed; what it prints goes to a file.</summary>
internal sealed class ShellProcess : IDisposable
{
    private const int TailLines = 5;

    private readonly Process _process;
    private readonly string _output;

    /// <param name="command">The command; one that begins with exec becomes the process itself.</param>
    /// <param name="output">The file.</param>
    public ShellProcess(string command, string output)
    {
        _output = output;
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start("/bin/sh", ["-c", $"exec >'{output}' 2>&1; {command}"]);
    }

    /// <summary>When it was started, as <see cref="Stopwatch.GetTimestamp"/> tells the time.</summary>
    public long StartedAt { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that it printed.</summary>
    public string OutputTail => string.Join('\n', File.ReadAllLines(_output).TakeLast(TailLines));

    public ProcessUsage ReadUsage() => ProcessUsage.Read(Id);

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
