using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Journal;

namespace Shipper.Core.Tests.Journal;

/// <summary>A journal directory with recorded files, and readers for it. Skips the test if libsystemd is missing.</summary>
internal sealed class JournalFixture : IDisposable
{
    public const int MaxMessageBytes = 64 * 1024;

    private readonly TemporaryDirectory _directory = new(isInMemory: true);

    public JournalFixture() =>
        Assert.SkipUnless(LibSystemd.IsAvailable, "libsystemd.so.0 is not installed (package libsystemd0)");

    public string Path => _directory;

    public FakeTimeProvider Time { get; } = new();

    public JournalUnits Units { get; } = new([], []);

    /// <summary>Unpacks a recording.</summary>
    /// <param name="recording">Its name.</param>
    /// <param name="name">The path of the file to write; its directories are created.</param>
    public string Add(string recording, string? name = null)
    {
        string path = _directory[name ?? recording];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        using var packed = new GZipStream(File.OpenRead(System.IO.Path.Combine(Recordings.Journal, recording + ".gz")), CompressionMode.Decompress);
        packed.CopyTo(file);
        return path;
    }

    public JournalReader Open(string? cursor = null, DateTimeOffset? since = null, int maxMessageBytes = MaxMessageBytes, string? directory = null, string? boot = null)
    {
        var reader = new JournalReader(directory ?? _directory, new JournalStart(cursor, since), maxMessageBytes, Units, Time, NullLogger.Instance)
        {
            Boot = JournalId.TryParse(boot, out JournalId id) ? id : null,
        };
        reader.Refresh();
        return reader;
    }

    /// <summary>Refreshes after enough time for a check of the files.</summary>
    public void RefreshLater(JournalReader reader)
    {
        Time.Advance(TimeSpan.FromMinutes(2));
        reader.Refresh();
    }

    /// <summary>Reads all entries, or up to a limit.</summary>
    public static List<string> ReadMessages(JournalReader reader, int limit = int.MaxValue)
    {
        var messages = new List<string>();
        while (messages.Count < limit && reader.TryRead(out JournalEntry entry))
        {
            messages.Add(Encoding.UTF8.GetString(entry.Message));
        }

        return messages;
    }

    /// <summary>Reads up to an entry of a unit, which becomes the current one.</summary>
    public static JournalEntry ReadUnit(JournalReader reader, string fullName)
    {
        while (reader.TryRead(out JournalEntry entry))
        {
            if (entry.Unit.FullName == fullName)
            {
                return entry;
            }
        }

        throw new InvalidOperationException($"No entry of {fullName}");
    }

    public void Dispose() => _directory.Dispose();
}
