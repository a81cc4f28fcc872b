using System.Diagnostics;

namespace Shipper.Benchmarks.Processes;

/// <summary>A shell command that runs until it is killed. Its output goes to a file.</summary>
internal sealed class ShellProcess : IDisposable
{
    private const int TailLines = 5;

    private readonly Process _process;
    private readonly string _output;

    /// <param name="command">The command. With exec, the program replaces the shell.</param>
    /// <param name="output">The path of the output file.</param>
    public ShellProcess(string command, string output)
    {
        _output = output;
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start("/bin/sh", ["-c", $"exec >'{output}' 2>&1; {command}"]);
    }

    /// <summary>When the process was started, in the units of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long StartedAt { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of the output.</summary>
    public string OutputTail => string.Join('\n', File.ReadAllLines(_output).TakeLast(TailLines));

    public ProcessUsage ReadUsage() => ProcessUsage.Read(Id);

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
