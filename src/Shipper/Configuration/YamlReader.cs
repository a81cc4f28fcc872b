using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Parser = YamlDotNet.Core.Parser;

namespace Shipper.Configuration;

/// <summary>Reads YAML into nodes that know where they stand, and expands variables in its values.</summary>
/// <remarks>From the parser's events: the serializer would need reflection and forgets the places.</remarks>
internal sealed partial class YamlReader
{
    private const int MaxDepth = 32;

    private readonly string _text;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Func<string, string?> _getVariable;
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<string, ConfigNode> _anchors = new(StringComparer.Ordinal);

    private YamlReader(string text, Func<string, string?> getVariable, List<ConfigProblem> problems)
    {
        _text = text;
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
        _getVariable = getVariable;
        _problems = problems;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The file.</param>
    /// <param name="getVariable">Gives the value of an environment variable; null where it is not set.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <returns>The root; null where the file is empty or no YAML.</returns>
    public static ConfigNode? Read(string text, Func<string, string?> getVariable, List<ConfigProblem> problems)
    {
        var reader = new YamlReader(text, getVariable, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            string message = e.InnerException?.Message ?? e.Message;

            // Of a wrong indentation the start is that of the mapping around it.
            Mark at = message.Contains("tab", StringComparison.Ordinal) ? e.End : e.Start;
            problems.Add(new ConfigProblem(reader.Within(at), $"not valid YAML: {message}"));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Bugs of the scanner, all met where a flow mapping or sequence is not closed.
            problems.Add(new ConfigProblem(reader.Within(reader._scanner.CurrentPosition), "not valid YAML: is a } or ] missing before this?"));
        }

        return null;
    }

    /// <summary>Writes a text so that reading it expands nothing in it.</summary>
    public static string Escape(string text) => text.Replace("${", "$${", StringComparison.Ordinal);

    /// <summary>Tells whether a text that stands without quotes is nothing.</summary>
    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The place of an error. The scanner sees an end of line behind the last one, and what is beyond it stands at its end.</summary>
    private Position Within(Mark mark)
    {
        int number = 0;
        int length = 0;

        // To .NET a form feed ends a line too.
        foreach (ReadOnlySpan<char> line in _text.Replace('\f', ' ').AsSpan().EnumerateLines())
        {
            if (++number == mark.Line)
            {
                return new Position(number, Math.Min((int)mark.Column, line.Length + 1));
            }

            length = line.Length;
        }

        return new Position(number, length + 1);
    }

    private static Position ToPosition(Mark mark) => new((int)mark.Line, (int)mark.Column);

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
            _problems.Add(new ConfigProblem(ToPosition(second.Start), "a second document begins here; the configuration is one document"));
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
            return _anchors.TryGetValue(alias.Value.Value, out ConfigNode? anchored)
                ? anchored
                : throw new YamlException(alias.Start, alias.End, $"there is no anchor &{alias.Value.Value} before this");
        }

        NodeEvent start = _parser.Accept<NodeEvent>(out var node) ? node : throw new YamlException("a value is missing");
        Position at = ToPosition(start.Start);
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
            bool isNull = scalar.Style == ScalarStyle.Plain && IsNull(scalar.Value);
            read = new ScalarNode(at, Expand(scalar.Value, at), isNull);
        }

        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = read;
        }

        return read;
    }

    private MapNode ReadMap(Position at, int depth)
    {
        var entries = new List<(ScalarNode Key, ConfigNode Value)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar scalar = _parser.Accept<Scalar>(out _)
                ? _parser.Consume<Scalar>()
                : throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a key must be a plain text");
            var keyNode = new ScalarNode(ToPosition(scalar.Start), scalar.Value);
            if (!keys.Add(scalar.Value))
            {
                _problems.Add(new ConfigProblem(keyNode.At, $"\"{scalar.Value}\" stands here for the second time; remove one"));
            }

            entries.Add((keyNode, ReadNode(depth + 1)));
        }

        return new MapNode(at, entries);
    }

    /// <summary>
    /// Replaces <c>${NAME}</c> and <c>${NAME:-default}</c>; the default also stands for an empty variable, as in a shell.
    /// <c>$${NAME}</c> is the text <c>${NAME}</c>.
    /// </summary>
    private string Expand(string text, Position at) => Variable().Replace(text, match =>
    {
        string name = match.Groups["name"].Value;
        if (match.Value.StartsWith("$$", StringComparison.Ordinal))
        {
            return match.Value[1..];
        }

        if (name.Length == 0)
        {
            _problems.Add(new ConfigProblem(at, $"{match.Value} is no variable; write ${{NAME}} or ${{NAME:-default}}"));
            return match.Value;
        }

        string? value = _getVariable(name);
        Group fallback = match.Groups["default"];
        if (string.IsNullOrEmpty(value) && fallback.Success)
        {
            return fallback.Value;
        }

        if (value is null)
        {
            _problems.Add(new ConfigProblem(
                at, $"the environment variable {name} is not set and stands for nothing; write ${{{name}:-default}} to say what holds then", IsWarning: true));
        }

        return value ?? "";
    });

    [GeneratedRegex(@"\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}]*))?\}|\$\{[^}]*\}?")]
    private static partial Regex Variable();
}
