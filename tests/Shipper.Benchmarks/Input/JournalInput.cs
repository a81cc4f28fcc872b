using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// Creates a journal with entries of several alternating units and the fields that journald adds: 11 to 23 per entry, 20 on average. systemd-journal-remote
/// (from the package of that name) writes the files. The entries are an hour old, because the agent reads at most a week back.
/// </summary>
internal static class JournalInput
{
    private const string Program = "/lib/systemd/systemd-journal-remote";
    private const int Seed = 20261123;
    private const string Boot = "0123456789abcdef0123456789abcdef";

    private static readonly string[] Units = ["kubelet", "containerd", "sshd", "cron", "chrony", "systemd-logind", "getty@tty1"];

    public static bool CanWrite => File.Exists(Program);

    /// <summary>Writes the journal files.</summary>
    public static WrittenInput Write(string root, int entries)
    {
        string directory = Directory.CreateDirectory(Path.Combine(root, "journal")).FullName;
        using Process writer = Process.Start(new ProcessStartInfo(Program, ["-o", Path.Combine(directory, "system.journal"), "-"]) { RedirectStandardInput = true })!;
        using (var text = new StreamWriter(writer.StandardInput.BaseStream, new UTF8Encoding(false), 1 << 20))
        {
            var random = new Random(Seed);
            long time = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1000;
            for (int n = 0; n < entries; n++)
            {
                time += random.Next(1, 1_000);
                WriteEntry(text, random, n, time);
            }
        }

        writer.WaitForExit();
        return new WrittenInput(new LogDirectory(root, files: 0), [entries], Directory.GetFiles(directory).Sum(file => new FileInfo(file).Length));
    }

    private static void WriteEntry(StreamWriter text, Random random, int n, long time)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string unit = random.Next(2) == 0 ? Units[random.Next(Units.Length)] : Units[n % 3];
        int process = 1_000 + unit.Length;
        text.Write(string.Create(culture, $"__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={1_000_000 + (n * 100L)}\n_BOOT_ID={Boot}\n_MACHINE_ID={Boot}\n_HOSTNAME=node-1\n"));
        text.Write(string.Create(culture, $"MESSAGE={LineMark.Name}0.{n}.0 I1123 10:11:12 {process} reconciler_common.go:{random.Next(100, 999)}] \"VerifyControllerAttachedVolume started\" uid={random.NextInt64():x16}\n"));
        if (random.Next(10) == 0)
        {
            text.Write(string.Create(culture, $"_TRANSPORT=kernel\nPRIORITY=5\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP={n}\n\n"));
            return;
        }

        text.Write(string.Create(culture, $"_TRANSPORT=stdout\nPRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER={unit}\n_SYSTEMD_UNIT={unit}.service\n_PID={process}\n_COMM={unit}\n_UID=0\n_GID=0\n"));
        if (random.Next(4) > 0)
        {
            text.Write(string.Create(culture, $"_EXE=/usr/bin/{unit}\n_CMDLINE=/usr/bin/{unit} --config=/etc/{unit}.yaml\n_CAP_EFFECTIVE=1ffffffffff\n_SELINUX_CONTEXT=unconfined\n_SYSTEMD_CGROUP=/system.slice/{unit}\n_SYSTEMD_SLICE=system.slice\n_SYSTEMD_INVOCATION_ID={process:x32}\n_STREAM_ID={process:x32}\n"));
        }

        text.Write('\n');
    }
}
