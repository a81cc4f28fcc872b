using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>Finds the place at which reading starts or resumes: after the last entry, at a time, or after entries that can't be read.</summary>
/// <remarks>Owned by a reader; not thread-safe.</remarks>
internal sealed class JournalSeeker(string directory, DateTimeOffset? since, CursorTracker tracker, JournalFiles files, ILogger logger)
{
    private const ulong MicrosecondsPerSecond = 1_000_000;
    private const int MaxDoublings = 16;

    private ResumeFilter? _start;
    private ulong _skipTo;
    private int _failures;

    /// <summary>The machine's current boot; null if it is unknown.</summary>
    public JournalId? Boot { get; set; }

    /// <summary>Moves to the place after the last entry that was returned or, if there is none, to the start.</summary>
    /// <returns>The library's negative error number, or 0.</returns>
    public int Seek(JournalHandle handle)
    {
        _start = null;
        if (_skipTo != 0)
        {
            return handle.SeekTime(_skipTo);
        }

        if (tracker.Cursor is { } last)
        {
            string cursor = JournalCursor.ForLibrary(last);
            if (Boot is { } boot && JournalCursor.ReadPlace(last) is { } place && place.Boot != boot && files.HasBackdatedEntries(boot, last))
            {
                // The clock was slow when the machine booted, so entries of this boot are new regardless of their timestamps.
                cursor = JournalCursor.ForStartOfBoot(last, boot);
            }

            int error = handle.SeekCursor(cursor);
            if (error >= 0)
            {
                if (!tracker.Track.IsStretchStartKnown && handle.TryGetSpan(tracker.Track.Place.Boot, out ulong first, out _))
                {
                    tracker.Track.SetStretchStart(first);
                }

                _start = new ResumeFilter(directory, last);
                return error;
            }

            JournalEvents.CursorInvalid(logger, directory, last, Marshal.GetPInvokeErrorMessage(-error), since?.ToString("O") ?? "the oldest entry");
            tracker.Reset();
        }

        return since is { } time
            ? handle.SeekTime(ToMicroseconds(time))
            : handle.SeekHead();
    }

    /// <summary>True if the library's current entry was returned before.</summary>
    public bool WasRead(JournalHandle handle) => _start?.WasRead(handle) == true;

    /// <summary>Records that an entry was read, which ends a series of failures.</summary>
    public void OnRead() => _failures = 0;

    /// <summary>Records that the cursor was saved, so that reading resumes there without skipping entries.</summary>
    public void OnSaved() => _skipTo = 0;

    /// <summary>
    /// Handles an error after which the library can't continue and would return the same error forever. The first time, reading resumes at the same place.
    /// Then each attempt skips twice as much time as the one before, so that as little as possible is lost.
    /// </summary>
    /// <param name="error">The library's negative error number.</param>
    /// <param name="lastTime">The time of the last entry, in microseconds since 1970; 0 if there was none.</param>
    public void OnFailure(int error, ulong lastTime)
    {
        _failures++;
        ulong seconds = _failures == 1 || lastTime == 0 ? 0 : 1UL << Math.Min(_failures - 2, MaxDoublings);
        _skipTo = seconds == 0 ? 0 : lastTime + (seconds * MicrosecondsPerSecond);
        JournalEvents.ReadingFailed(logger, directory, tracker.Cursor ?? "its start", Marshal.GetPInvokeErrorMessage(-error), _failures, seconds);
    }

    public static ulong ToMicroseconds(DateTimeOffset time) => (ulong)Math.Max(UnixTime.ToNanoseconds(time), 0) / 1000;
}
