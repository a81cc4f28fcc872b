using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Shipper.Kubernetes.Api;

/// <summary>Runs a credential command once.</summary>
internal static class ExecProcess
{
    /// <summary>Maximum run time. It is part of the 30 s within which the API server must respond.</summary>
    public static readonly TimeSpan MaxRunTime = TimeSpan.FromSeconds(20);

    private const int MaxOutputBytes = 1024 * 1024;

    /// <summary>Runs a command and reads what it prints.</summary>
    /// <exception cref="ApiAccessException">The command can't be started, fails, takes too long or prints no credentials.</exception>
    /// <exception cref="OperationCanceledException">The agent stops. The command has been killed.</exception>
    public static async Task<ExecCredential> RunAsync(ExecCommand command, TimeProvider time, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(MaxRunTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using Process process = Start(command);
        try
        {
            process.StandardInput.Close();
            Task errors = DiscardAsync(process.StandardError.BaseStream, either.Token);
            ReadOnlyMemory<byte> output = await ReadAsync(process.StandardOutput.BaseStream, either.Token);
            if (output.Length > MaxOutputBytes)
            {
                throw command.CreateException($"printed more than {MaxOutputBytes} bytes", "Run it as the agent's user and check its output");
            }

            await process.WaitForExitAsync(either.Token);
            if (process.ExitCode != 0)
            {
                throw command.CreateException(string.Create(CultureInfo.InvariantCulture, $"exited with code {process.ExitCode}"), "Run it as the agent's user to see why: its output may contain secrets and is not logged");
            }

            return ExecCredential.Read(command, output);
        }
        catch (OperationCanceledException e) when (!stopping.IsCancellationRequested)
        {
            throw command.CreateException(
                string.Create(CultureInfo.InvariantCulture, $"did not exit within {MaxRunTime.TotalSeconds} s and was killed"),
                "Run it as the agent's user: it must not ask for input or wait for a browser", e);
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
            throw command.CreateStartException(Marshal.GetPInvokeErrorMessage(e.NativeErrorCode), e);
        }
    }

    /// <returns>The output, cut shortly after <see cref="MaxOutputBytes"/>: a longer result means that there was too much.</returns>
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

    /// <summary>Reads and discards standard error, so that the command never blocks on a full pipe.</summary>
    private static async Task DiscardAsync(Stream errors, CancellationToken stopping)
    {
        try
        {
            await errors.CopyToAsync(Stream.Null, stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The command has exited or was killed.
        }
    }

    /// <summary>Kills the command and all processes that it has started, if it is still running.</summary>
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
            // It has exited, or runs as another user.
        }
    }
}
