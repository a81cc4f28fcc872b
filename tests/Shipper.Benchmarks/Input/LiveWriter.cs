using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// Appends lines while an agent runs. Each line is one write(2), as from a container runtime, and carries the time of its writing. Not
/// thread-safe.
/// </summary>
internal sealed class LiveWriter : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly LogDirectory _logs;
    private readonly SafeFileHandle[] _files;
    private readonly LineWriter[] _writers;
    private readonly long[] _lengths;
    private readonly byte[] _line = new byte[LineGenerator.MaxLineBytes];
    private int _next;

    /// <param name="root">An empty directory.</param>
    /// <param name="files">Number of files, which are created empty.</param>
    public LiveWriter(string root, int files)
    {
        _logs = new LogDirectory(root, files);
        _files = [.. Enumerable.Range(0, files).Select(file => File.OpenHandle(_logs.PathOf(file), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))];
        _lengths = new long[files];
        _writers = [.. Enumerable.Range(0, files).Select(file => new LineWriter(file))];
    }

    /// <summary>What has been written so far.</summary>
    public WrittenInput Written => new(_logs, [.. _writers.Select(writer => writer.Count)], _lengths.Sum());

    /// <summary>Appends a line.</summary>
    /// <param name="file">Number of the file.</param>
    /// <param name="isTimed">True if the line carries the time of its writing.</param>
    public void WriteLine(int file, bool isTimed = true)
    {
        int length = _writers[file].Write(_line, TimeProvider.System.GetUtcNow().UtcDateTime, isTimed ? LineMark.NowUs : 0);
        RandomAccess.Write(_files[file], _line.AsSpan(0, length), _lengths[file]);
        _lengths[file] += length;
    }

    /// <summary>Appends lines to the files in turn, at a steady rate.</summary>
    /// <param name="linesPerSecond">Lines per second in all files together.</param>
    /// <param name="duration">How long to write, unless <paramref name="stopping"/> is canceled.</param>
    public async Task WriteAsync(int linesPerSecond, TimeSpan duration, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        long written = 0;
        TimeSpan elapsed;
        do
        {
            await timer.WaitForNextTickAsync(stopping);
            elapsed = Stopwatch.GetElapsedTime(start);
            for (long due = (long)(Math.Min(elapsed.TotalSeconds, duration.TotalSeconds) * linesPerSecond); written < due; written++)
            {
                WriteLine(_next);
                _next = (_next + 1) % _files.Length;
            }
        }
        while (elapsed < duration);
    }

    public void Dispose()
    {
        foreach (SafeFileHandle file in _files)
        {
            file.Dispose();
        }
    }
}
