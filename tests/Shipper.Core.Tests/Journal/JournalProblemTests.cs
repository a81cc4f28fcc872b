using Shipper.Journal;

namespace Shipper.Core.Tests.Journal;

public sealed class JournalProblemTests : IDisposable
{
    private const string Machine = "00112233445566778899aabbccddeeff";

    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void Refresh_DirectoryIsMissing_ReportsItUntilItExists()
    {
        string directory = Path.Combine(_journal.Path, "later");
        using JournalReader sut = _journal.Open(directory: directory);

        JournalProblem problem = Assert.Single(sut.Problems);
        Assert.Equal((JournalProblemReasons.NoDirectory, directory), (problem.Reason, problem.Path));
        Assert.False(sut.IsReading);
        Assert.False(sut.TryRead(out _));

        _journal.Add("entries.journal", "later/system.journal");
        _journal.RefreshLater(sut);

        Assert.Empty(sut.Problems);
        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
    }

    [Fact]
    public void Refresh_DirectoryIsEmpty_ReportsItUntilThereAreFiles()
    {
        using JournalReader sut = _journal.Open();
        Assert.Equal([JournalProblemReasons.NoFiles], sut.Problems.Select(problem => problem.Reason));

        _journal.Add("entries.journal", $"{Machine}/system.journal");
        _journal.RefreshLater(sut);

        Assert.Empty(sut.Problems);
        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
    }

    [Theory]
    [InlineData("unknown-flag.journal", JournalProblemReasons.UnsupportedFormat)]
    [InlineData("truncated.journal", JournalProblemReasons.Damaged)]
    public void Refresh_FileThatTheLibrarySkips_ReportsItAndReadsTheOthers(string recording, string reason)
    {
        string bad = _journal.Add(recording, $"{Machine}/bad.journal");
        using (JournalReader alone = _journal.Open())
        {
            Assert.Equal([JournalProblemReasons.NoReadableFile, reason], alone.Problems.Select(problem => problem.Reason));
            Assert.False(alone.IsReading);
        }

        _journal.Add("entries.journal", $"{Machine}/system.journal");
        using JournalReader sut = _journal.Open();

        JournalProblem problem = Assert.Single(sut.Problems);
        Assert.Equal((reason, bad), (problem.Reason, problem.Path));
        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);

        File.Delete(bad);
        _journal.RefreshLater(sut);
        Assert.Empty(sut.Problems);
    }

    [Fact]
    public void Refresh_UnknownFlag_NamesTheFlag()
    {
        _journal.Add("unknown-flag.journal");
        using JournalReader sut = _journal.Open();

        Assert.Contains("flag 0x80", sut.Problems[1].Text, StringComparison.Ordinal);
        Assert.Contains("compact mode (systemd 252)", sut.Problems[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Refresh_FileIsNotAJournal_ReportsItAsDamaged()
    {
        File.WriteAllText(Path.Combine(_journal.Path, "system.journal"), new string('x', 10_000));
        using JournalReader sut = _journal.Open();

        Assert.Equal([JournalProblemReasons.NoReadableFile, JournalProblemReasons.Damaged], sut.Problems.Select(problem => problem.Reason));
    }

    [Fact]
    public void Refresh_NamespaceJournal_ReadsItOnlyIfConfigured()
    {
        _journal.Add("entries.journal", $"{Machine}/system.journal");
        _journal.Add("compact-zstd.journal", $"{Machine}.audit/system.journal");
        using JournalReader sut = _journal.Open();
        using JournalReader asked = _journal.Open(directory: Path.Combine(_journal.Path, Machine + ".audit"));

        Assert.Equal(JournalProblemReasons.Namespace, Assert.Single(sut.Problems).Reason);
        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
        Assert.Empty(asked.Problems);
        Assert.Equal(12, JournalFixture.ReadMessages(asked).Count);
    }

    [Fact]
    public void Refresh_FileIsNotReadable_ReportsIt()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root can read every file");
        string path = _journal.Add("entries.journal", $"{Machine}/system.journal");
        File.SetUnixFileMode(path, UnixFileMode.None);
        using JournalReader sut = _journal.Open();

        Assert.Equal(
            [JournalProblemReasons.NoReadableFile, JournalProblemReasons.NoPermission],
            sut.Problems.Select(problem => problem.Reason));

        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        _journal.RefreshLater(sut);
        Assert.Empty(sut.Problems);
        Assert.Equal(300, JournalFixture.ReadMessages(sut).Count);
    }

    [Fact]
    public void Refresh_DirectoryIsNotReadable_ReportsIt()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root can read every file");
        _journal.Add("entries.journal", $"{Machine}/system.journal");
        File.SetUnixFileMode(Path.Combine(_journal.Path, Machine), UnixFileMode.None);
        try
        {
            using JournalReader sut = _journal.Open();

            Assert.Equal([JournalProblemReasons.NoPermission], sut.Problems.Select(problem => problem.Reason));
            Assert.False(sut.IsReading);
        }
        finally
        {
            File.SetUnixFileMode(Path.Combine(_journal.Path, Machine), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
