using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Parser = YamlDotNet.Core.Parser;

namespace Shipper.Configuration;

/// <summary>Reads YAML into nodes that know their location, and expands variables in values.</summary>
/// <remarks>Works on the events of the parser: the serializer would need reflection, and loses the locations.</remarks>
internal sealed class YamlReader
{
    private const int MaxDepth = 32;

    /// <summary>Upper bound of the keys that <c>&lt;&lt;</c> copies: a few lines of nested aliases can expand to millions.</summary>
    private const int MaxMergedKeys = 10_000;

    private const string CoreTags = "tag:yaml.org,2002:";
    private const string MergeKey = "<<";

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly VariableExpander _variables;
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<string, ConfigNode> _anchors = new(StringComparer.Ordinal);
    private int _mergedKeys;

    private YamlReader(string text, Func<string, string?> getVariable, List<ConfigProblem> problems)
    {
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
        _variables = new VariableExpander(getVariable, problems);
        _problems = problems;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="getVariable">Returns the value of an environment variable; null if it is not set.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <returns>The root; null if the document is empty or not valid YAML.</returns>
    public static ConfigNode? Read(string text, Func<string, string?> getVariable, List<ConfigProblem> problems)
    {
        var reader = new YamlReader(text, getVariable, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            problems.Add(YamlErrors.Explain(e, text));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Bugs of the scanner. All known ones occur in flow mappings or sequences that are not closed.
            problems.Add(YamlErrors.ExplainUnclosed(reader._scanner.CurrentPosition, text));
        }

        return null;
    }

    /// <summary>Escapes a text so that no variable in it is expanded when it is read.</summary>
    public static string Escape(string text) => text.Replace("${", "$${", StringComparison.Ordinal);

    /// <summary>Returns true if an unquoted text is YAML's null.</summary>
    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    private static SourceLocation ToLocation(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private ConfigNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        ConfigNode root = ReadNode(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            _problems.Add(new ConfigProblem(ToLocation(second.Start), "a second document begins here, but the configuration must be a single document"));
        }

        return root is ScalarNode { IsNull: true } ? null : root;
    }

    private ConfigNode ReadNode(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, "nested too deeply");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            string name = alias.Value.Value;
            return _anchors.TryGetValue(name, out ConfigNode? anchored)
                ? anchored
                : throw new YamlException(alias.Start, alias.End, $"there is no anchor &{name} before this; if you mean the text \"*{name}\", put it in quotes");
        }

        NodeEvent start = _parser.Accept<NodeEvent>(out var node) ? node : throw new YamlException("a value is missing");
        SourceLocation at = ToLocation(start.Start);
        CheckTag(start, at);
        ConfigNode read;
        if (_parser.TryConsume<MappingStart>(out _))
        {
            read = ReadMap(at, depth);
        }
        else if (_parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<ConfigNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode(depth + 1));
            }

            read = new ListNode(at, items);
        }
        else
        {
            Scalar scalar = _parser.Consume<Scalar>();
            LookalikeCharacters.Check(scalar, _problems);
            bool isNull = scalar.Style == ScalarStyle.Plain && IsNull(scalar.Value);
            string text = _variables.Expand(scalar.Value, at, isLiteral: scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.Literal);

            // The line breaks that "|" keeps at the end belong to no value.
            read = new ScalarNode(at, text.TrimEnd('\r', '\n'), isNull);
        }

        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = read;
        }

        return read;
    }

    /// <summary>Refuses a tag such as <c>!env</c>: ignoring the tag would silently use the value as written.</summary>
    private void CheckTag(NodeEvent start, SourceLocation at)
    {
        string tag = start.Tag.IsEmpty ? "" : start.Tag.Value;
        if (tag.Length > 1 && !tag.StartsWith(CoreTags, StringComparison.Ordinal))
        {
            _problems.Add(new ConfigProblem(at, $"the tag {tag} has no meaning here; remove it. For an environment variable, write ${{NAME}}"));
        }
    }

    private MapNode ReadMap(SourceLocation at, int depth)
    {
        var entries = new List<(ScalarNode Key, ConfigNode Value)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        ConfigNode? merged = null;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar scalar = _parser.Accept<Scalar>(out _)
                ? _parser.Consume<Scalar>()
                : throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a key must be plain text");
            LookalikeCharacters.Check(scalar, _problems);
            var keyNode = new ScalarNode(ToLocation(scalar.Start), scalar.Value);
            ConfigNode value = ReadNode(depth + 1);
            if (!keys.Add(scalar.Value))
            {
                _problems.Add(new ConfigProblem(keyNode.At, $"\"{ConfigBinder.ToOneLine(scalar.Value)}\" is set twice in this section; remove one of them"));
            }
            else if (scalar is { Style: ScalarStyle.Plain, Value: MergeKey })
            {
                merged = value;
            }
            else
            {
                entries.Add((keyNode, value));
            }
        }

        if (merged is not null)
        {
            Merge(merged, entries, keys);
        }

        return new MapNode(at, entries);
    }

    /// <summary>
    /// Adds the keys of one mapping, or of a list of mappings, that are not set yet. A key of the mapping itself wins, then the first mapping of the list.
    /// Source: https://yaml.org/type/merge.html.
    /// </summary>
    private void Merge(ConfigNode merged, List<(ScalarNode Key, ConfigNode Value)> entries, HashSet<string> keys)
    {
        foreach (ConfigNode source in merged is ListNode list ? list.Items : [merged])
        {
            if (source is not MapNode map)
            {
                _problems.Add(new ConfigProblem(source.At, $"{MergeKey} merges the keys of a mapping or of a list of mappings, as in {MergeKey}: *NAME, but this is {ConfigBinder.Describe(source)}"));
                continue;
            }

            foreach ((ScalarNode key, ConfigNode value) in map.Entries)
            {
                if (++_mergedKeys > MaxMergedKeys)
                {
                    throw new YamlException(_parser.Current!.Start, _parser.Current.End, $"{MergeKey} merges more than {MaxMergedKeys} keys in total");
                }

                if (keys.Add(key.Text))
                {
                    entries.Add((key, value));
                }
            }
        }
    }
}
