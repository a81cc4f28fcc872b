using System.Text.Json.Nodes;
using Shipper.Processing.Rules;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>The key <c>do</c> of a rule: <c>drop</c>, <c>keep</c> or <c>{sample: N}</c>.</summary>
internal sealed class RuleActionKey(string name, string description) : ConfigKey<RuleOptions>(name, description)
{
    private const int MinSample = 2;
    private const int MaxSample = 1_000_000;
    private const string SampleKey = "sample";
    private const string Expected = "drop, keep or {sample: N}";

    private static readonly ChoiceKind<RuleActionKind> Words = new(RuleActionKind.Sample);

    private static readonly ConfigSection<Sampling> Sample = new(
        new ValueKey<Sampling, int>(SampleKey, "Keep one of this many records.", new NumberKind(MinSample, MaxSample), o => o.Of, (o, v) => o.Of = v)
        {
            Required = "write {sample: N} to keep one of N records",
        });

    public override void Bind(ConfigNode node, RuleOptions target, ConfigBinder binder, string path)
    {
        if (node is MapNode)
        {
            var sampling = new Sampling();
            Sample.Bind(node, sampling, binder, path);
            target.Do = new RuleAction(RuleActionKind.Sample, sampling.Of);
        }
        else if (node is ScalarNode word && Words.TryParse(word.Text, out RuleActionKind kind, out _))
        {
            target.Do = new RuleAction(kind);
        }
        else
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be {Expected}, not {ConfigBinder.Describe(node)}");
        }
    }

    public override void Write(RuleOptions source, IEmitter emitter)
    {
        if (source.Do.Kind == RuleActionKind.Sample)
        {
            Sample.Write(new Sampling { Of = source.Do.SampleOf }, emitter);
        }
        else
        {
            emitter.Emit(new Scalar(Words.Format(source.Do.Kind)));
        }
    }

    public override JsonObject Describe(RuleOptions defaults)
    {
        JsonObject sample = Sample.Describe(new Sampling());
        sample.Insert(0, "title", "`{sample: N}`");
        return JsonSchemas.AllowVariable(new JsonObject { ["enum"] = new JsonArray([.. Words.Words.Select(word => (JsonNode)word)]) }, sample);
    }

    /// <summary>The mapping <c>{sample: N}</c>.</summary>
    private sealed class Sampling
    {
        public int Of { get; set; } = MinSample;
    }
}
