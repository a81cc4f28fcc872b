using System.Collections.Concurrent;
using System.Text.Json;
using Shipper.Processing.Ansi;
using Shipper.Processing.Fields;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// Makes the rules of streams from options. Streams with equal rules share one object, which is forgotten with the last of them. Thread-safe.
/// </summary>
internal static class StreamRulesFactory
{
    private const int MaxForgotten = 1_000;
    private static readonly ConcurrentDictionary<(string Text, LogOutput? Excluded), WeakReference<StreamRules>> Known = new();
    private static readonly ConcurrentDictionary<string, WeakReference<RedactStage>> RedactStages = new(StringComparer.Ordinal);
    private static readonly LevelStage Level = new();
    private static readonly TraceContextStage Trace = new();
    private static readonly AnsiStage Ansi = new();

    /// <summary>Returns the rules of a stream.</summary>
    /// <param name="options">What happens to its records.</param>
    /// <param name="origin">Where the records come from. Rules and limits that can't match them are left out.</param>
    /// <param name="excluded">The output with lines to drop; null if both outputs are sent.</param>
    /// <param name="stderr">What happens to lines of stderr, if that differs.</param>
    public static StreamRules Create(ProcessingOptions options, RecordOrigin origin, LogOutput? excluded = null, ProcessingOptions? stderr = null)
    {
        var stored = new StoredRules { Stdout = ForOrigin(options, origin), Stderr = stderr is null ? null : ForOrigin(stderr, origin) };
        return Get(stored.Stdout.IsEmpty && stored.Stderr is null or { IsEmpty: true } ? "" : JsonSerializer.Serialize(stored, StoredRulesJson.Default.StoredRules), excluded);
    }

    /// <summary>Returns the options that rules were made from, for people; null if there are none.</summary>
    public static StoredRules? Read(StreamRules rules) => rules.Text.Length == 0 ? null : JsonSerializer.Deserialize(rules.Text, StoredRulesJson.Default.StoredRules);

    /// <summary>Returns the rules that a checkpoint stored.</summary>
    /// <param name="text">The rules (<see cref="StreamRules.Text"/>).</param>
    /// <param name="excluded">The output with lines to drop; null if both outputs are sent.</param>
    /// <exception cref="FormatException">This version can't read the text.</exception>
    public static StreamRules Parse(string text, LogOutput? excluded)
    {
        try
        {
            return Get(text, excluded);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw new FormatException("not processing rules", e);
        }
    }

    private static StreamRules Get(string text, LogOutput? excluded)
    {
        if (text.Length == 0)
        {
            return StreamRules.Excluding(excluded);
        }

        // Another thread may make the same rules at the same time: the object in the table wins.
        while (true)
        {
            if (Known.TryGetValue((text, excluded), out WeakReference<StreamRules>? known) && known.TryGetTarget(out StreamRules? rules))
            {
                return rules;
            }

            rules = Make(text, excluded);
            var added = new WeakReference<StreamRules>(rules);
            if (known is null ? Known.TryAdd((text, excluded), added) : Known.TryUpdate((text, excluded), added, known))
            {
                ForgetUnused(Known);
                return rules;
            }
        }
    }

    private static void ForgetUnused<TKey, TValue>(ConcurrentDictionary<TKey, WeakReference<TValue>> table)
        where TKey : notnull
        where TValue : class
    {
        if (table.Count % MaxForgotten == 0)
        {
            foreach ((TKey key, WeakReference<TValue> value) in table)
            {
                if (!value.TryGetTarget(out _))
                {
                    table.TryRemove(KeyValuePair.Create(key, value));
                }
            }
        }
    }

    private static StreamRules Make(string text, LogOutput? excluded)
    {
        StoredRules stored = JsonSerializer.Deserialize(text, StoredRulesJson.Default.StoredRules) ?? throw new JsonException("null");
        var limits = new List<string>();
        OutputRules stdout = Make(stored.Stdout, limits);
        OutputRules stderr = stored.Stderr is null ? stdout : Make(stored.Stderr, limits);
        return new StreamRules(excluded, stdout, stderr)
        {
            Text = text,
            LimitNames = limits,
            Limits = [.. stdout.Stages.Union(stderr.Stages).OfType<LimitStage>()],
            HasMemory = limits.Count > 0 || HasMemory(stored.Stdout) || (stored.Stderr is not null && HasMemory(stored.Stderr)),
        };
    }

    private static OutputRules Make(ProcessingOptions options, List<string> limits)
    {
        var stages = new List<ProcessingStage>();
        RecordFields? fields = RecordFields.TryShare(
            [.. options.Fields.Values, .. options.Rules.SelectMany(rule => rule.When.Field.Keys), .. options.Limits.SelectMany(limit => limit.When.Field.Keys)]);
        if (options.Ansi == AnsiAction.Strip)
        {
            stages.Add(Ansi);
        }

        if (options.Level == DetectMode.Detect)
        {
            stages.Add(Level);
        }

        if (options.Trace == DetectMode.Detect)
        {
            stages.Add(Trace);
        }

        if (options.Fields.Count > 0)
        {
            stages.Add(new FieldsStage(options.Fields, fields));
        }

        if (options.Rules.Count > 0)
        {
            stages.Add(new RuleStage(options.Rules, fields));
        }

        if (options.Limits.Count > 0)
        {
            stages.Add(new LimitStage([.. options.Limits.Select(limit => (limit, SlotOf(limit.Name, limits)))], fields));
        }

        if (!options.Redact.IsEmpty)
        {
            stages.Add(RedactStageOf(options.Redact, options.Fields));
        }

        return new OutputRules(GroupRules.Create(options.Multiline), [.. stages]) { GroupName = MultilineNames.Of(options.Multiline) };
    }

    /// <summary>Returns the stage that removes text. Equal options share a stage, because a stage is large.</summary>
    /// <param name="fields">The fields of <see cref="FieldsStage"/>: the path of a field tells whether its value is a secret. Null if there are none.</param>
    public static RedactStage RedactStageOf(RedactOptions options, IEnumerable<KeyValuePair<string, string>>? fields = null)
    {
        var secret = new SecretFields(options.Secrets && fields is not null ? fields : []);
        string key = JsonSerializer.Serialize(options, StoredRulesJson.Default.RedactOptions) + secret.Text;
        if (RedactStages.TryGetValue(key, out WeakReference<RedactStage>? known) && known.TryGetTarget(out RedactStage? stage))
        {
            return stage;
        }

        // Another thread may make the same stage at the same time: then there are two for a while.
        stage = new RedactStage(options, secret.IsEmpty ? null : secret);
        RedactStages[key] = new WeakReference<RedactStage>(stage);
        ForgetUnused(RedactStages);
        return stage;
    }

    private static bool HasMemory(ProcessingOptions options) => options.Multiline.Mode == MultilineMode.Auto || options.Redact.Secrets;

    private static int SlotOf(string name, List<string> limits)
    {
        int slot = limits.IndexOf(name);
        if (slot < 0)
        {
            slot = limits.Count;
            limits.Add(name);
        }

        return slot;
    }

    /// <summary>Returns the options without what can't match records of an origin, and without conditions on the origin.</summary>
    private static ProcessingOptions ForOrigin(ProcessingOptions options, RecordOrigin origin) => new()
    {
        Multiline = origin.Source == RecordOrigin.Journal ? MultilineOptions.Off : options.Multiline,
        Ansi = options.Ansi,
        Level = options.Level,
        Trace = options.Trace,
        Fields = options.Fields,
        Rules = [.. options.Rules.Where(rule => OriginCondition.CanHold(rule.When, origin)).Select(rule => new RuleOptions
        {
            Name = rule.Name,
            Preset = rule.Preset,
            When = rule.When.WithoutOrigin(),
            Do = rule.Do,
        })],
        Limits = [.. options.Limits.Where(limit => OriginCondition.CanHold(limit.When, origin)).Take(StageMemory.MaxLimits / 2).Select(limit => new LimitOptions
        {
            Name = limit.Name,
            When = limit.When.WithoutOrigin(),
            Bytes = limit.Bytes,
            Lines = limit.Lines,
            Burst = limit.Burst,
            Over = limit.Over,
        })],
        Redact = options.Redact,
    };
}
