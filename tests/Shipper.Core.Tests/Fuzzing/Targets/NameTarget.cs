using System.Globalization;
using System.Text;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Journal;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// Names and patterns: the first line is a pattern, the second a path. Globs match what a simpler implementation matches; pod paths, names of rotated files,
/// and cursors and units of the journal are parsed unambiguously.
/// </summary>
internal sealed class NameTarget : FuzzTarget
{
    public override string Name => "names";

    public override int MaxBytes => 512;

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            "/var/log/containers/*.log\n/var/log/containers/web_ns_app-0123456789abcdef.log", "/var/log/pods/**/*.log\n/var/log/pods/ns_web_0f8a-11/app/3.log", "/a/**/b/?.l*g\n/a/x/y/b/1.log", "/a/.*/*\n/a/.b/c",
            "/0.log\n/0.log.20261123-012803.gz", "/app.log\n/app.log.2.gz", "/app.log\n/app.log-20261123", "/12.log\n/12.log.20261123-012803", "s=1;i=2f;b=3;m=4;t=5a;x=6\nfoo@bar.service", "s=1;i=2f;b=0123456789abcdef0123456789abcdef;m=4;t=5a;x=6;k=2;f=1-3-1,4-4-2\nfoo@bar.service", "t=ff\nrun-r0123456789.scope", "kubelet*\nrun-p12-i34.service",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])["*", "**", "/**/", "?", "/", ".", "..", "\\", "\n", "_", "-", ".log", ".gz", ".log.", "0.log", "2147483648", "20261123-012803", "0123456789abcdef", ".tmp", "@", ".service", ".scope", "run-", "dbus-:", "s=", ";i=", ";t=", ";k=", ";f=", ";b=0123456789abcdef0123456789abcdef", ";m=", "1-2-3", "ä", "😀", "\"", "<", ">"])
            .Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        string[] lines = Encoding.UTF8.GetString(input).Split('\n', 3);
        string pattern = lines[0];
        string path = lines.Length > 1 ? lines[1] : "";
        bool? isMatch = CheckGlob(pattern, path);
        string container = CheckContainer(path, pattern);
        string generation = CheckGeneration(Path.GetFileName(path), Path.GetFileName(pattern));
        string journal = CheckJournal(pattern, path);
        return $"{isMatch} {pattern.Contains("**", StringComparison.Ordinal)} {container} {generation} {journal}";
    }

    private static bool? CheckGlob(string pattern, string path)
    {
        // The configuration refuses other globs; a backslash would escape a star.
        if (!pattern.StartsWith('/') || pattern.EndsWith('/') || pattern.AsSpan().ContainsAny("[]{}\\"))
        {
            return null;
        }

        var sut = new Glob(pattern);
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        bool isMatch = sut.IsMatch(path);
        Assert.Equal(Matches(pattern.Split('/', StringSplitOptions.RemoveEmptyEntries), names, (segment, name) =>
            (name[0] != '.' || segment[0] == '.') && Matches([.. segment.Select(c => c == '*' ? "**" : c.ToString())], [.. name.Select(c => c.ToString())], (c, d) => c == "?" || c == d)), isMatch);
        Assert.True(!isMatch || sut.Root == "/" || path.Replace("//", "/", StringComparison.Ordinal).Contains(sut.Root[1..].Split('/')[0], StringComparison.Ordinal));
        Assert.InRange(sut.RootSegmentCount, 0, Math.Max(0, sut.SegmentCount - 1));
        return isMatch;
    }

    /// <summary>
    /// Returns true if a sequence of elements matches the patterns; <c>**</c> matches any number of elements. Keeps track of the positions that can be
    /// reached after each pattern.
    /// </summary>
    private static bool Matches(string[] patterns, string[] elements, Func<string, string, bool> isMatch)
    {
        bool[] reached = [true, .. new bool[elements.Length]];
        foreach (string pattern in patterns)
        {
            var next = new bool[elements.Length + 1];
            for (int i = 0; i <= elements.Length; i++)
            {
                next[i] = pattern == "**"
                    ? reached[i] || (i > 0 && next[i - 1])
                    : i > 0 && reached[i - 1] && isMatch(pattern, elements[i - 1]);
            }

            reached = next;
        }

        return reached[^1];
    }

    private static string CheckContainer(string path, string target)
    {
        var container = ContainerName.Parse(path, target, path);
        Assert.DoesNotContain('/', container.Namespace + container.Pod + container.Container + container.PodUid);
        Assert.Equal(container, ContainerName.Parse(path, target, path));
        return $"{container.PodUid.Length > 0} {container.Container == "unknown"}";
    }

    private static string CheckGeneration(string file, string log)
    {
        if (file.Length == 0 || log.Length == 0)
        {
            return "";
        }

        var rotatedLog = RotatedLog.FromFile("/d/" + file, 1);
        bool isOne = rotatedLog.TryParse(file, out GenerationName name);
        Assert.True(isOne);
        Assert.True(rotatedLog.Owns(rotatedLog.LogPathOf(name)));
        Assert.Equal(0, name.CompareTo(name));
        if (rotatedLog.TryParse(log, out GenerationName other))
        {
            Assert.Equal(Math.Sign(name.CompareTo(other)), -Math.Sign(other.CompareTo(name)));
        }

        return $"{rotatedLog.OwnsDirectory} {name.IsGzip} {name.IsLive}";
    }

    private static string CheckJournal(string cursor, string unit)
    {
        ulong? time = JournalCursor.ReadTime(cursor);
        bool isCursor = JournalCursor.TryParse(cursor, out JournalCursor parsed);
        if (isCursor)
        {
            string written = string.Create(CultureInfo.InvariantCulture, $"s={parsed.SequenceId};i={parsed.Sequence:x}");
            Assert.True(JournalCursor.TryParse(written, out JournalCursor again));
            Assert.Equal(parsed, again);
        }

        // What the agent adds to a cursor can be read back from any cursor.
        var track = new JournalTrack(cursor);
        string added = JournalCursor.AppendTrack(cursor, track);
        Assert.Equal(JournalCursor.ForLibrary(cursor), JournalCursor.ForLibrary(added));
        Assert.Equal(JournalCursor.ContentOf(cursor), JournalCursor.ContentOf(added));
        if (JournalCursor.ReadPlace(JournalCursor.ForLibrary(cursor)) is not null && track.Place.Ordinal > 0)
        {
            Assert.Equal(track.Place.Monotonic, JournalCursor.ReadPlace(added)!.Value.Monotonic);
            Assert.Equal(added, JournalCursor.AppendTrack(cursor, new JournalTrack(added)));
        }

        if (unit.Length == 0)
        {
            return $"{time is not null} {isCursor}";
        }

        string label = UnitLabel.Of(unit);
        Assert.NotEqual("", label);
        Assert.True(label.Length <= Math.Max(unit.Length, 10));

        // Shortening is idempotent.
        Assert.Equal(label, UnitLabel.Of(label));
        var filter = new UnitFilter([cursor], [unit]);
        Assert.Equal(new UnitFilter([cursor], []).IsWanted(unit, label) && !new UnitFilter([unit], []).IsWanted(unit, label), filter.IsWanted(unit, label));
        return $"{time is not null} {isCursor} {label.Length == unit.Length}";
    }
}
