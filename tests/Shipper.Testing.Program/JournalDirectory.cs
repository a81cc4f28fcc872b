using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Shipper.Testing.Program;

/// <summary>A directory of journal files: recorded ones, and one that systemd-journal-remote writes while the agent reads it.</summary>
internal sealed class JournalDirectory : IDisposable
{
    private const string Program = "/lib/systemd/systemd-journal-remote";

    // Offsets in the header of a journal file and in its objects: https://systemd.io/JOURNAL_FILE_FORMAT/.
    private const int HeaderSize = 88;
    private const int TailObject = 136;
    private const int FirstTime = 184;
    private const int NewestTime = 192;
    private const int ObjectSize = 8;
    private const int EntryTime = 24;
    private const byte EntryObject = 3;

    private readonly long _startUs = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1000;
    private Process? _writer;

    public JournalDirectory(string path)
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libsystemd.so.0", out _), "libsystemd.so.0 is not installed (package libsystemd0)");
        Path = Directory.CreateDirectory(path).FullName;
    }

    public string Path { get; }

    /// <summary>Number of entries written so far. Their messages are <c>entry NUMBER</c>.</summary>
    public int Count { get; private set; }

    /// <summary>Unpacks a recording and moves its times, so that its newest entry is a minute old: the agent goes back at most a week.</summary>
    public void Add(string recording)
    {
        using var packed = new GZipStream(File.OpenRead(System.IO.Path.Combine(Recordings(), recording + ".gz")), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        packed.CopyTo(memory);
        byte[] file = memory.ToArray();
        ulong newest = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(NewestTime));
        ulong shift = (ulong)(TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds() * 1000) - newest;
        Shift(file.AsSpan(FirstTime), shift);
        Shift(file.AsSpan(NewestTime), shift);
        long tail = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(TailObject));
        for (long at = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(HeaderSize)); at <= tail && at < file.Length;)
        {
            Span<byte> found = file.AsSpan((int)at);
            if (found[0] == EntryObject)
            {
                Shift(found[EntryTime..], shift);
            }

            at += Math.Max(8, (BinaryPrimitives.ReadInt64LittleEndian(found[ObjectSize..]) + 7) & ~7L);
        }

        File.WriteAllBytes(System.IO.Path.Combine(Path, recording), file);
    }

    /// <summary>Begins a file, or skips the test if the program that writes it is not installed.</summary>
    public void Begin(string name)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (package systemd-journal-remote)");
        _writer = Process.Start(new ProcessStartInfo(Program, ["-o", System.IO.Path.Combine(Path, name), "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
    }

    /// <summary>Writes the next entries, a millisecond apart.</summary>
    /// <param name="unit">Returns the unit for the number of an entry.</param>
    public void Write(int count, Func<int, byte[]> unit)
    {
        Stream target = _writer!.StandardInput.BaseStream;
        Span<byte> length = stackalloc byte[8];
        for (int i = 0; i < count; i++, Count++)
        {
            byte[] name = unit(Count);
            target.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"__REALTIME_TIMESTAMP={_startUs + (Count * 1000L)}\n__MONOTONIC_TIMESTAMP={1_000_000 + (Count * 1000L)}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_TRANSPORT=stdout\nPRIORITY=6\n_PID=42\nMESSAGE=entry {Count}\n_SYSTEMD_UNIT\n")));
            BinaryPrimitives.WriteInt64LittleEndian(length, name.Length);
            target.Write(length);
            target.Write(name);
            target.Write("\n\n"u8);
        }

        target.Flush();
    }

    public void Write(int count, params string[] units) => Write(count, number => Encoding.UTF8.GetBytes(units[number % units.Length]));

    /// <summary>Waits until all entries are in the file, and closes it.</summary>
    public async Task EndAsync()
    {
        _writer!.StandardInput.Close();
        await _writer.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (_writer is { HasExited: false })
        {
            _writer.Kill();
            _writer.WaitForExit();
        }

        _writer?.Dispose();
    }

    private static void Shift(Span<byte> time, ulong shift) =>
        BinaryPrimitives.WriteUInt64LittleEndian(time, BinaryPrimitives.ReadUInt64LittleEndian(time) + shift);

    private static string Recordings([CallerFilePath] string file = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, "../Shipper.Testing/Recordings/journal"));
}
