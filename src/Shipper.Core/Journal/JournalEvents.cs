using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

internal static partial class JournalEvents
{
    [LoggerMessage(LogLevel.Information, "Reading the journal in {directory}, {files} files")]
    public static partial void Opened(ILogger logger, string directory, int files);

    [LoggerMessage(LogLevel.Information, "There is no journal to read: {directories} not found. It is read as soon as there is one")]
    public static partial void NoJournal(ILogger logger, string directories);

    [LoggerMessage("Journal {path}: {text} ({reason}). {remedy}")]
    public static partial void ProblemFound(ILogger logger, LogLevel level, string path, string text, string reason, string remedy);

    [LoggerMessage(LogLevel.Warning, "The journal has over {labels} units: from now on, further ones are sent as unit=\"{label}\", their names as unit_full")]
    public static partial void UnitsFull(ILogger logger, int labels, string label);

    [LoggerMessage("Journal {path}: no longer {reason}")]
    public static partial void ProblemGone(ILogger logger, LogLevel level, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "Journal {directory}: the saved cursor {cursor} makes no sense to libsystemd ({error}); reading goes on at {start}")]
    public static partial void CursorInvalid(ILogger logger, string directory, string cursor, string error, string start);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: {count} entries written after {cursor} are gone or can't be read: files were deleted before they were read, are damaged, or may not be read")]
    public static partial void EntriesMissing(ILogger logger, string directory, ulong count, string cursor);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: an entry is damaged ({error}); what can be read of it is sent. More such entries are counted, not logged")]
    public static partial void EntryDamaged(ILogger logger, string directory, string error);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: libsystemd can't go on behind {cursor} ({error}), for the {times}. time; it is opened again, {seconds} s further on")]
    public static partial void ReadingFailed(ILogger logger, string directory, string cursor, string error, int times, double seconds);
}
