using System.Numerics;
using System.Text.Json.Nodes;
using Shipper.Processing.Multiline;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>
/// The key <c>multiline</c>: one of <c>off</c>, <c>traces</c> and <c>auto</c>, a language or a list of languages, <c>{start: REGEX}</c> or
/// <c>{continue: REGEX}</c>.
/// </summary>
internal sealed class MultilineKey<T>(string name, string description, Func<T, MultilineOptions> get, Action<T, MultilineOptions> set)
    : ConfigKey<T>(name, description)
{
    private static readonly ChoiceKind<MultilineMode> Modes = new(MultilineMode.Languages, MultilineMode.Start, MultilineMode.Continue);
    private static readonly ChoiceKind<TraceLanguages> Languages = new(TraceLanguages.None, TraceLanguages.All);

    private static readonly ConfigSection<Patterns> Pattern = new(
        new ValueKey<Patterns, string>(
            "start", "A line that matches this regex begins a record; other lines continue it.", new RegexKind(), o => o.Start, (o, v) => o.Start = v)
        {
            HasValue = o => o.Start.Length > 0,
        },
        new ValueKey<Patterns, string>(
            "continue", "A line that matches this regex continues the record before it.", new RegexKind(), o => o.Continue, (o, v) => o.Continue = v)
        {
            HasValue = o => o.Continue.Length > 0,
        });

    private static string Expected => $"{string.Join(", ", Modes.Words)}, a list of {string.Join(", ", Languages.Words)}, {{start: REGEX}} or {{continue: REGEX}}";

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        MultilineOptions? options = node switch
        {
            MapNode map => ReadPattern(map, binder, path),
            ListNode list => ReadLanguages(list, binder, path),
            ScalarNode { IsNull: true } => null,
            ScalarNode word when Modes.TryParse(word.Text, out MultilineMode mode, out _) => new MultilineOptions(mode),
            ScalarNode word when Languages.TryParse(word.Text, out TraceLanguages language, out _) => new MultilineOptions(MultilineMode.Languages, language),
            _ => null,
        };
        if (options is not null)
        {
            set(target, options);
        }
        else if (node is ScalarNode)
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be {Expected}, not {ConfigBinder.Describe(node)}");
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        MultilineOptions options = get(source);
        switch (options.Mode)
        {
            case MultilineMode.Languages:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Flow));
                foreach (TraceLanguages language in Enum.GetValues<TraceLanguages>().Where(language => BitOperations.IsPow2((int)language) && options.Languages.HasFlag(language)))
                {
                    emitter.Emit(new Scalar(Languages.Format(language)));
                }

                emitter.Emit(new SequenceEnd());
                break;
            case MultilineMode.Start:
                Pattern.Write(new Patterns { Start = options.Pattern }, emitter);
                break;
            case MultilineMode.Continue:
                Pattern.Write(new Patterns { Continue = options.Pattern }, emitter);
                break;
            default:
                emitter.Emit(new Scalar(Modes.Format(options.Mode)));
                break;
        }
    }

    public override JsonObject Describe(T defaults)
    {
        var languages = new JsonArray([.. Languages.Words.Select(word => (JsonNode)word)]);
        JsonObject pattern = Pattern.Describe(new Patterns());
        pattern.Insert(0, "title", "`{start: REGEX}` or `{continue: REGEX}`");
        pattern["minProperties"] = 1;
        pattern["maxProperties"] = 1;
        JsonObject schema = JsonSchemas.AllowVariable(
            new JsonObject { ["enum"] = new JsonArray([.. Modes.Words.Select(word => (JsonNode)word), false]) },
            new JsonObject { ["enum"] = languages },
            new JsonObject
            {
                ["title"] = "list of languages",
                ["type"] = "array",
                ["items"] = new JsonObject { ["enum"] = languages.DeepClone() },
                ["minItems"] = 1,
            },
            pattern);
        schema["default"] = Modes.Format(get(defaults).Mode);
        return schema;
    }

    private static MultilineOptions? ReadPattern(MapNode map, ConfigBinder binder, string path)
    {
        var patterns = new Patterns();
        Pattern.Bind(map, patterns, binder, path);
        if (binder.HasInvalid(path))
        {
            return null;
        }

        if (patterns.Start.Length == 0 == (patterns.Continue.Length == 0))
        {
            binder.AddInvalidValue(path, map.At, $"{path} must have one of the keys start and continue; write {{start: REGEX}} or {{continue: REGEX}}");
            return null;
        }

        return patterns.Start.Length > 0
            ? new MultilineOptions(MultilineMode.Start, Pattern: patterns.Start)
            : new MultilineOptions(MultilineMode.Continue, Pattern: patterns.Continue);
    }

    private static MultilineOptions? ReadLanguages(ListNode list, ConfigBinder binder, string path)
    {
        TraceLanguages languages = TraceLanguages.None;
        foreach (ConfigNode item in list.Items)
        {
            if (item is ScalarNode word && Languages.TryParse(word.Text, out TraceLanguages language, out _))
            {
                languages |= language;
                continue;
            }

            string remedy = item is ScalarNode mode && Modes.TryParse(mode.Text, out _, out _)
                ? $"is not a language; write multiline: {mode.Text}, without a list"
                : $"is not one of {string.Join(", ", Languages.Words)}";
            binder.AddInvalidValue(path, item.At, $"{path}: {ConfigBinder.Describe(item)} {remedy}");
        }

        if (list.Items.Count == 0)
        {
            binder.AddInvalidValue(path, list.At, $"{path} is an empty list; write off to send each line as a record, or traces for all languages");
        }

        return binder.IsInvalid(path) ? null : new MultilineOptions(MultilineMode.Languages, languages);
    }

    /// <summary>The mapping <c>{start: REGEX}</c> or <c>{continue: REGEX}</c>.</summary>
    private sealed class Patterns
    {
        public string Start { get; set; } = "";

        public string Continue { get; set; } = "";
    }
}
