using System.Text;
using Shipper.Processing.Fields;
using Shipper.Processing.Literals;
using Shipper.Processing.Rules.Probes;
using Shipper.Records;

namespace Shipper.Processing.Rules;

/// <summary>
/// A condition on the records of a stream for which <see cref="OriginCondition"/> holds: output, level, text, fields and preset. The cheapest parts are tested
/// first.
/// </summary>
/// <remarks>Immutable and thread-safe. Allocates nothing, apart from what a regex needs when it meets new kinds of text.</remarks>
internal sealed class RecordMatcher
{
    private readonly int _outputs;
    private readonly int _levels;
    private readonly byte[][] _starts;
    private readonly LiteralTest? _contains;
    private readonly FieldCondition? _fields;
    private readonly RegexTest? _regex;
    private readonly bool _isHealthCheck;

    /// <param name="when">The condition. Its regex and paths are valid.</param>
    /// <param name="preset"><see cref="RuleOptions.Preset"/>.</param>
    /// <param name="fields">The fields of all stages; null to find those of this condition alone.</param>
    public RecordMatcher(WhenOptions when, string preset = "", RecordFields? fields = null)
    {
        _outputs = when.Stream.Count == 0 ? ~0 : when.Stream.Aggregate(0, (bits, name) => bits | (1 << (int)OutputOf(name)));
        _levels = when.Level.Count == 0 ? ~0 : when.Level.Aggregate(0, (bits, level) => bits | (1 << (int)level));
        _starts = [.. when.Text.StartsWith.Select(Encoding.UTF8.GetBytes)];
        _isHealthCheck = preset == RuleOptions.HealthChecksPreset;
        Literal[] contains = [.. when.Text.Contains.Select(text => new Literal(Encoding.UTF8.GetBytes(text), ignoreCase: false))];
        _contains = contains.Length > 0 ? new LiteralTest(contains) : null;
        _fields = when.Field.Count > 0 ? new FieldCondition(when.Field, fields ?? new RecordFields(when.Field.Keys)) : null;
        _regex = when.Text.Regex.Length > 0 ? new RegexTest(when.Text.Regex, when.Text.IsFromPod) : null;
        Required = contains.Length > 0 ? contains
            : _isHealthCheck ? HealthChecks.Required
            : _regex?.Required ?? [];
    }

    /// <summary>Literals of which each record that meets the condition has at least one; empty if nothing is known.</summary>
    public Literal[] Required { get; }

    /// <summary>Returns false if the output or the level of a record already decides that it does not meet the condition.</summary>
    public bool CanMatch(scoped in RecordDraft draft) => ((_outputs >> (int)draft.Output) & (_levels >> (int)draft.Level) & 1) != 0;

    /// <summary>Returns true if a record meets the condition.</summary>
    public bool Matches(scoped ref RecordDraft draft, StageContext context) =>
        CanMatch(in draft)
        && (_starts.Length == 0 || StartsWithAny(draft.Line))
        && (_contains is null || _contains.IsIn(draft.Line))
        && (!_isHealthCheck || HealthChecks.IsHealthCheck(in draft))
        && (_fields is null || _fields.Holds(ref draft, context))
        && (_regex is null || _regex.IsMatch(draft.Line, context));

    private static LogOutput OutputOf(string name) => name == "stderr" ? LogOutput.Stderr : LogOutput.Stdout;

    private bool StartsWithAny(ReadOnlySpan<byte> line)
    {
        foreach (byte[] start in _starts)
        {
            if (line.StartsWith(start))
            {
                return true;
            }
        }

        return false;
    }
}
