using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>What keeps a directory, or parts of it, from being read at present. Said in the log when it comes and when it goes.</summary>
/// <param name="logger">The log.</param>
internal sealed class JournalProblems(ILogger logger)
{
    public IReadOnlyList<JournalProblem> Present { get; private set; } = [];

    /// <summary>
    /// Keeps what is wrong, and logs what is new in it: a line for each reason, however many files it has. That no file of the
    /// directory can be read follows from theirs.
    /// </summary>
    public void Report(IReadOnlyList<JournalProblem> problems)
    {
        bool tellsWhy = problems.Any(problem => problem is { Level: LogLevel.Error, Reason: not JournalProblemReasons.NoReadableFile });
        foreach (IGrouping<string, JournalProblem> found in problems.Except(Present).GroupBy(problem => problem.Reason))
        {
            if (found.Key != JournalProblemReasons.NoReadableFile || !tellsWhy)
            {
                JournalProblem first = found.First();
                int others = found.Count() - 1;
                string text = others == 0 ? first.Text : $"{first.Text}, and {others} more like it";
                JournalLog.ProblemFound(logger, first.Level, first.Path, text, first.Reason, first.Remedy);
            }
        }

        foreach (JournalProblem problem in Present.Except(problems))
        {
            JournalLog.ProblemGone(logger, problem.Level > LogLevel.Information ? LogLevel.Information : LogLevel.Debug, problem.Path, problem.Reason);
        }

        Present = problems;
    }
}
