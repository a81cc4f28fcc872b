using System.Diagnostics;
using System.Globalization;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>
/// A journald that belongs to the test, in a mount namespace in which /run and /var/log are empty. Requires root, and permission to create such a
/// namespace.
/// </summary>
internal sealed class Journald : IDisposable
{
    private const string Program = "/lib/systemd/systemd-journald";

    // These mounts exist only in the namespace, and disappear with it.
    private const string Setup = $"""
        mount -t tmpfs tmpfs /var/log && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /var/log/journal && exec {Program}
        """;

    private readonly Process _process;

    private Journald(Process process) => _process = process;

    /// <summary>Path of the volatile journal, from outside the namespace.</summary>
    public string Volatile => $"/proc/{_process.Id}/root/run/log/journal";

    /// <summary>Path of the persistent journal, from outside the namespace.</summary>
    public string Persistent => $"/proc/{_process.Id}/root/var/log/journal";

    /// <summary>Number of lines written so far. Each is <c>entry NUMBER</c>.</summary>
    public int Count { get; private set; }

    /// <summary>Starts journald, or skips the test if that is impossible here. It logs to the volatile journal.</summary>
    public static async Task<Journald> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (package systemd)");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount the directories that journald writes to");
        var sut = new Journald(Launch("unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", Setup));
        try
        {
            await RunningShipper.WaitUntilAsync(
                () => Task.FromResult(sut._process.HasExited || (Directory.Exists(sut.Volatile) && File.Exists($"/proc/{sut._process.Id}/root/run/systemd/journal/stdout"))),
                () => "journald does not start.");
            Assert.SkipWhen(sut._process.HasExited, "This user may not create a mount namespace");
            return sut;
        }
        catch
        {
            sut.Dispose();
            throw;
        }
    }

    /// <summary>Logs lines as a service does, all at once.</summary>
    public async Task WriteAsync(int count)
    {
        using Process writer = Launch("nsenter", "--mount", "--target", Id, "systemd-cat", "-t", "early");
        for (int i = 0; i < count; i++)
        {
            await writer.StandardInput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"entry {Count++}\n"));
        }

        writer.StandardInput.Close();
        await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Runs journalctl, which returns once the requested action is done.</summary>
    /// <param name="argument"><c>--flush</c>, <c>--relinquish-var</c>, <c>--rotate</c>, <c>--sync</c>.</param>
    public async Task ControlAsync(string argument)
    {
        using Process control = Launch("nsenter", "--mount", "--target", Id, "journalctl", argument);
        await control.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, control.ExitCode);
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

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    private static Process Launch(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
}
