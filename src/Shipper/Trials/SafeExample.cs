using System.Text;
using Shipper.Processing;
using Shipper.Processing.Cases;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Trials;

/// <summary>
/// Makes examples of records that can be shown: without secrets of known form, even if the configuration keeps them, and without what its redaction removes.
/// Sees all records of a log, because a private key may be spread over several.
/// </summary>
/// <remarks>Not thread-safe: each log has its own instance.</remarks>
internal sealed class SafeExample
{
    private const int MaxChars = 120;

    // A character of a terminal takes at most four bytes.
    private const int MaxBytes = 4 * MaxChars;

    private readonly StreamRules _rules;
    private readonly LineLimit _limit;
    private readonly RecordPipeline _pipeline;
    private readonly byte[] _text = new byte[MaxBytes];
    private int _length;
    private bool _isCut;

    /// <param name="log">The log with the records.</param>
    public SafeExample(TrialLog log)
    {
        RedactOptions redact = log.Processing.Redact;
        var options = new ProcessingOptions
        {
            Multiline = MultilineOptions.Off,
            Ansi = AnsiAction.Strip,
            Level = DetectMode.Off,
            Redact = new RedactOptions { Secrets = true, Personal = redact.Personal, Patterns = redact.Patterns },
        };
        _rules = StreamRulesFactory.Create(options, log.Origin);
        _limit = new LineLimit(log.Limit.MaxBytes, LongLineAction.Truncate);
        _pipeline = new RecordPipeline(log.Limit.MaxBytes);
    }

    /// <summary>Makes an example of a record.</summary>
    public void Set(scoped in RecordDraft record)
    {
        RecordDraft draft = record;
        _pipeline.TryRun(_rules, _limit, ref draft, out LogRecord redacted, out _);
        _length = Utf8Text.Cut(redacted.Line, hasMore: false, _text, out int taken);
        _isCut = taken < redacted.Line.Length;
    }

    /// <summary>Returns the example as one line of at most 120 characters.</summary>
    public string ToText()
    {
        string text = QuotedText.ToOneLine(Encoding.UTF8.GetString(_text, 0, _length));
        return text.Length > MaxChars || _isCut ? Utf8Text.CutChars(text, MaxChars - 1) + "…" : text;
    }
}
