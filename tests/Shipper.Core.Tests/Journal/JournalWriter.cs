using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Shipper.Core.Tests.Journal;

/// <summary>Writes a journal file while a test reads it, with systemd-journal-remote. Skips the test if that is not installed.</summary>
internal sealed class JournalWriter : IDisposable
{
    private const string Program = "/lib/systemd/systemd-journal-remote";

    private readonly Process _process;

    public JournalWriter(string path)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (package systemd-journal-remote)");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _process = Process.Start(new ProcessStartInfo(Program, ["-o", path, "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
    }

    /// <summary>Writes entries with the messages <c>entry FIRST</c> and so on; the numbers are also their times in milliseconds.</summary>
    public async Task WriteAsync(int first, int count, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        for (int i = first; i < first + count; i++)
        {
            long microseconds = 1_795_000_000_000_000 + (i * 1000L);
            text.Append(
                CultureInfo.InvariantCulture,
                $"__REALTIME_TIMESTAMP={microseconds}\n__MONOTONIC_TIMESTAMP={1_000_000 + (i * 1000L)}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n");
            text.Append(CultureInfo.InvariantCulture, $"_SYSTEMD_UNIT=live.service\nMESSAGE=entry {i}\n\n");
        }

        await _process.StandardInput.WriteAsync(text, cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
    }

    public async Task WriteAsync(IEnumerable<WrittenEntry> entries, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        foreach (WrittenEntry entry in entries)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"__REALTIME_TIMESTAMP={entry.ClockUs + entry.MonotonicUs}\n__MONOTONIC_TIMESTAMP={entry.MonotonicUs}\n_BOOT_ID={entry.Boot}\n_SYSTEMD_UNIT={entry.Unit}\nMESSAGE={entry.Message}\n\n");
        }

        await _process.StandardInput.WriteAsync(text, cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
    }

    /// <summary>Appends entries to a file, or creates it.</summary>
    public static async Task AppendAsync(string path, IEnumerable<WrittenEntry> entries, CancellationToken cancellation)
    {
        using var writer = new JournalWriter(path);
        await writer.WriteAsync(entries, cancellation);
        await writer.EndAsync(cancellation);
    }

    /// <summary>Waits until everything is in the file, and closes it.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
