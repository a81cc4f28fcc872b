using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Testing.Program;

/// <summary>The program in a pseudo-terminal: its screen as a person sees it, and a keyboard.</summary>
internal sealed class PseudoTerminal : IAsyncDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const nuint SetWindowSize = 0x5414;

    private readonly SafeFileHandle _master;
    private readonly FileStream _stream;
    private readonly Lock _lock = new();
    private readonly ScreenModel _screen;
    private readonly Task _reading;

    private PseudoTerminal(SafeFileHandle master, Process process, int columns, int rows)
    {
        _master = master;
        Process = process;
        _screen = new ScreenModel(columns, rows);
        _stream = new FileStream(master, FileAccess.ReadWrite, bufferSize: 0);
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public Process Process { get; }

    /// <summary>Starts the program on a terminal of a size, without a terminfo database's help: TERM is not set.</summary>
    public static PseudoTerminal Start(int columns, int rows, params string[] arguments)
    {
        SafeFileHandle master = Open(ReadWrite | NoControllingTerminal);
        byte[] name = new byte[128];
        if (master.IsInvalid || Grant(master) != 0 || Unlock(master) != 0 || GetName(master, name, name.Length) != 0)
        {
            throw new Win32Exception();
        }

        Resize(master, columns, rows);
        string path = Encoding.UTF8.GetString(name).TrimEnd('\0');

        // A session's leader that opens a terminal gets it as its controlling terminal. stty then shows whether the program has restored the settings.
        Process process = ShipperProgram.Start(
            "setsid", ["/bin/sh", "-c", "exec <\"$TERMINAL\" >\"$TERMINAL\" 2>&1; \"$0\" \"$@\"; code=$?; stty -a | grep -q -e ' icanon' && echo restored; echo exit $code; exit $code", ShipperProgram.Path, .. arguments],
            new Dictionary<string, string?> { ["TERMINAL"] = path, ["TERM"] = null, ["NO_COLOR"] = null, ["LC_ALL"] = "C.UTF-8" });
        return new PseudoTerminal(master, process, columns, rows);
    }

    /// <summary>The lines on the screen.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _screen.Text;
            }
        }
    }

    /// <summary>The widest that a line was, before anything was cut off at the margin.</summary>
    public int WidestColumn
    {
        get
        {
            lock (_lock)
            {
                return _screen.WidestColumn;
            }
        }
    }

    public bool IsAlternate
    {
        get
        {
            lock (_lock)
            {
                return _screen.IsAlternate;
            }
        }
    }

    public bool IsCursorHidden
    {
        get
        {
            lock (_lock)
            {
                return _screen.IsCursorHidden;
            }
        }
    }

    /// <summary>Types keys.</summary>
    public void Type(string keys) => _stream.Write(Encoding.UTF8.GetBytes(keys));

    /// <summary>Changes the size of the window.</summary>
    public void Resize(int columns, int rows)
    {
        lock (_lock)
        {
            _screen.Resize(columns, rows);
        }

        Resize(_master, columns, rows);
    }

    /// <summary>Waits until the screen shows a text.</summary>
    public Task WaitForAsync(string text) => WaitUntilAsync(() => Text.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until a condition holds.</summary>
    public Task WaitUntilAsync(Func<bool> condition, string what) =>
        RunningShipper.WaitUntilAsync(() => Task.FromResult(condition()), () => $"The screen does not show {what}:\n{Text}");

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        await Process.WaitForExitAsync();
        await _reading;
        Process.Dispose();
        await _stream.DisposeAsync();
    }

    private static void Resize(SafeFileHandle master, int columns, int rows)
    {
        ushort[] size = [(ushort)rows, (ushort)columns, 0, 0];
        if (Control(master, SetWindowSize, size) != 0)
        {
            throw new Win32Exception();
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[65536];
        var decoder = Encoding.UTF8.GetDecoder();
        char[] chars = new char[65536];
        bool hasStarted = false;
        while (true)
        {
            int length;
            try
            {
                length = _stream.Read(buffer);
            }
            catch (IOException) when (!hasStarted && !Process.HasExited)
            {
                // Nobody has opened the other side yet.
                Thread.Yield();
                continue;
            }
            catch (IOException)
            {
                return;
            }

            if (length == 0)
            {
                return;
            }

            hasStarted = true;
            int count = decoder.GetChars(buffer.AsSpan(0, length), chars, flush: false);
            lock (_lock)
            {
                _screen.Write(chars.AsSpan(0, count));
            }
        }
    }

#pragma warning disable SYSLIB1054 // Generated marshalling needs unsafe code, which the test library does not have.
    [DllImport("libc", EntryPoint = "posix_openpt", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle Open(int flags);

    [DllImport("libc", EntryPoint = "grantpt", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Grant(SafeFileHandle master);

    [DllImport("libc", EntryPoint = "unlockpt", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unlock(SafeFileHandle master);

    [DllImport("libc", EntryPoint = "ptsname_r", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetName(SafeFileHandle master, byte[] name, nint length);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle master, nuint request, ushort[] size);
#pragma warning restore SYSLIB1054
}
