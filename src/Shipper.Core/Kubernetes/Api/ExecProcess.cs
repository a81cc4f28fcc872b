using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Shipper.Kubernetes.Api;

/// <summary>Runs a credential command once.</summary>
internal static class ExecProcess
{
    /// <summary>Longest run. It counts towards the 30 s within which the API server must answer.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    private const int MaxOutputBytes = 1024 * 1024;

    /// <summary>Runs a command and reads what it prints.</summary>
    /// <exception cref="ApiAccessException">The command can't be started, fails, takes too long or prints no credentials.</exception>
    /// <exception cref="OperationCanceledException">The agent stops. The command was killed.</exception>
    public static async Task<ExecCredential> RunAsync(ExecCommand command, TimeProvider time, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(MaxTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using Process process = Start(command);
        try
        {
            process.StandardInput.Close();
            Task errors = DiscardAsync(process.StandardError.BaseStream, either.Token);
            ReadOnlyMemory<byte> output = await ReadAsync(process.StandardOutput.BaseStream, either.Token);
            if (output.Length > MaxOutputBytes)
            {
                throw command.Fail($"printed more than {MaxOutputBytes} bytes", "Run it as the agent's user and look at its output");
            }

            await process.WaitForExitAsync(either.Token);
            if (process.ExitCode != 0)
            {
                throw command.Fail(string.Create(CultureInfo.InvariantCulture, $"ended with exit code {process.ExitCode}"), "Run it as the agent's user to see why; what it says may hold secrets and is not shown here");
            }

            return ExecCredential.Read(command, output);
        }
        catch (OperationCanceledException e) when (!stopping.IsCancellationRequested)
        {
            throw command.Fail(
                string.Create(CultureInfo.InvariantCulture, $"did not end within {MaxTime.TotalSeconds} s and was killed"),
                "Run it as the agent's user: it must neither ask for anything nor wait for a browser", e);
        }
        finally
        {
            Kill(process);
            await either.CancelAsync();
        }
    }

    private static Process Start(ExecCommand command)
    {
        try
        {
            return Process.Start(command.ToStartInfo())!;
        }
        catch (Win32Exception e)
        {
            throw command.FailToStart(Marshal.GetPInvokeErrorMessage(e.NativeErrorCode), e);
        }
    }

    /// <returns>The output, or more than is allowed of it.</returns>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream output, CancellationToken stopping)
    {
        using var read = new MemoryStream();
        var buffer = new byte[4096];
        int length;
        while (read.Length <= MaxOutputBytes && (length = await output.ReadAsync(buffer, stopping)) > 0)
        {
            await read.WriteAsync(buffer.AsMemory(0, length), stopping);
        }

        return read.ToArray();
    }

    /// <summary>Reads and discards, so that a command with much to say does not wait for a reader.</summary>
    private static async Task DiscardAsync(Stream errors, CancellationToken stopping)
    {
        try
        {
            await errors.CopyToAsync(Stream.Null, stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The command has ended, or is killed.
        }
    }

    /// <summary>Kills a command that still runs, with all that it has started.</summary>
    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException or NotSupportedException)
        {
            // It has ended, or runs as another user.
        }
    }
}
