using Shipper.Agents;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Cases;
using Shipper.Processing.Multiline;
using Shipper.Records;

namespace Shipper.Trials;

/// <summary>A log on which the rules of a configuration are tried: what the agent would do with its lines.</summary>
/// <param name="Origin">Where its records come from.</param>
/// <param name="Processing">What happens to them.</param>
/// <param name="Limit">Maximum length of a line, and what to do with longer lines.</param>
internal sealed record TrialLog(RecordOrigin Origin, ProcessingOptions Processing, LineLimit Limit)
{
    /// <summary>Name of the kind of groups to which its lines are joined, for display.</summary>
    public string Multiline => MultilineNames.Of(Processing.Multiline);

    /// <summary>Describes the log of an origin.</summary>
    /// <param name="options">The configuration.</param>
    public static TrialLog Create(AgentOptions options, RecordOrigin origin) => origin.Source switch
    {
        RecordOrigin.Journal => new TrialLog(origin, options.Processing, new LineLimit(JournalSource.MaxLineBytes, LongLineAction.Truncate)),
        RecordOrigin.Files => FindFiles(options, origin.Filename) is { } files
            ? new TrialLog(origin, files.ApplyTo(options.Processing), LimitOf(files.Tailer))
            : new TrialLog(origin, options.Processing, LimitOf(new TailerOptions())),
        _ => new TrialLog(origin, options.Processing, LimitOf(options.Containers.Tailer)),
    };

    /// <summary>Returns the element of <c>sources.files</c> to which a path belongs; null if there is none.</summary>
    public static FileSourceOptions? FindFiles(AgentOptions options, string path) =>
        options.Files.Find(files => files.Includes(path));

    /// <summary>Creates what runs the lines of the log.</summary>
    /// <param name="sink">Receives the records.</param>
    public RecordRunner CreateRunner(IRecordSink sink) => new(StreamRulesFactory.Create(Processing, Origin), Limit, MetadataOf, sink);

    /// <summary>Returns what becomes of the records of a text.</summary>
    /// <param name="output">The output to which the text is written.</param>
    public IReadOnlyList<RecordOutcome> Run(string text, LogOutput output) =>
        TextRun.Run(text, output, StreamRulesFactory.Create(Processing, Origin), Limit, MetadataOf);

    private static LineLimit LimitOf(TailerOptions options) => new(options.MaxLineBytes, options.LongLines);

    private ReadOnlyMemory<byte> MetadataOf(LogOutput output) =>
        Origin.Source != RecordOrigin.Containers ? default : output == LogOutput.Stdout ? PushRequestWriter.StdoutMetadata : PushRequestWriter.StderrMetadata;
}
