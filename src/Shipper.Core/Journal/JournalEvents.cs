using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

internal static partial class JournalEvents
{
    [LoggerMessage(LogLevel.Information, "Reading the journal in {directory}, {files} files")]
    public static partial void Opened(ILogger logger, string directory, int files);

    [LoggerMessage(LogLevel.Information, "There is no journal to read: {directories} not found. Reading starts as soon as a journal appears")]
    public static partial void NoJournal(ILogger logger, string directories);

    [LoggerMessage("Journal {path}: {text} ({reason}). {remedy}")]
    public static partial void ProblemFound(ILogger logger, LogLevel level, string path, string text, string reason, string remedy);

    [LoggerMessage(LogLevel.Warning, "The journal has over {labels} units: from now on, new units are sent as unit=\"{label}\", with their names in unit_full")]
    public static partial void UnitsFull(ILogger logger, int labels, string label);

    [LoggerMessage("Journal {path}: problem resolved ({reason})")]
    public static partial void ProblemResolved(ILogger logger, LogLevel level, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "Journal {directory}: libsystemd rejects the saved cursor {cursor} ({error}); reading resumes at {start}")]
    public static partial void CursorInvalid(ILogger logger, string directory, string cursor, string error, string start);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: {count} entries written after {cursor} are missing: their files were deleted before they were read, are damaged, or can't be read for lack of permission")]
    public static partial void EntriesMissing(ILogger logger, string directory, ulong count, string cursor);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: an entry is damaged ({error}); its readable fields are sent. Further damaged entries are counted but not logged")]
    public static partial void EntryDamaged(ILogger logger, string directory, string error);

    [LoggerMessage(LogLevel.Error, "Journal {directory}: libsystemd can't read past {cursor} ({error}), failure {times} in a row. The agent reopens the journal and skips {seconds} s")]
    public static partial void ReadingFailed(ILogger logger, string directory, string cursor, string error, int times, double seconds);
}
