using Shipper.Processing.Fields;
using Shipper.Processing.Levels;

namespace Shipper.Processing.Rules;

/// <summary>Drops, keeps or samples each record by the first rule whose condition holds. A record that meets no condition is kept.</summary>
/// <remarks>
/// A rule that samples always keeps records of level error and above, unless its condition names levels: then it means them.
/// </remarks>
/// <param name="rules">The rules that can match records of the stream.</param>
/// <param name="fields">The fields of all stages; null if the rules have their own.</param>
internal sealed class RuleStage(IReadOnlyList<RuleOptions> rules, RecordFields? fields = null) : ProcessingStage
{
    private readonly FirstMatch _conditions = new([.. rules.Select(rule => new RecordMatcher(rule.When, rule.Preset, fields))]);
    private readonly RuleEffect[] _effects = [.. rules.Select(rule => new RuleEffect(rule))];

    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        int rule = _conditions.Find(ref draft, context);
        return rule < 0 ? StageVerdict.Keep : _effects[rule].Apply(ref draft, context);
    }

    /// <summary>What a rule does with the records that meet its condition.</summary>
    private sealed class RuleEffect(RuleOptions rule)
    {
        private readonly string _name = rule.Name;
        private readonly RuleActionKind _kind = rule.Do.Kind;
        private readonly ulong _sampleOf = (ulong)Math.Max(1, rule.Do.SampleOf);
        private readonly bool _keepsErrors = rule.When.Level.Count == 0;
        private readonly RecordHash _hash = new(rule.Name);

        public StageVerdict Apply(ref RecordDraft draft, StageContext context)
        {
            context.MatchedRule = _name;
            if (_kind == RuleActionKind.Keep || (_kind == RuleActionKind.Sample && IsSampled(in draft)))
            {
                return StageVerdict.Keep;
            }

            context.Count(_kind == RuleActionKind.Sample ? "sample" : "drop", _name, 1, Math.Min(draft.Length, draft.Line.Length));
            draft.DropReason = _name;
            return StageVerdict.Drop;
        }

        private bool IsSampled(scoped in RecordDraft draft) =>
            (_keepsErrors && draft.Level >= RecordLevel.Error) || _hash.Of(in draft) % _sampleOf == 0;
    }
}
