using Shipper.Records;

namespace Shipper.Configuration;

/// <summary>Collects the problems of a configuration and remembers the location of each key.</summary>
/// <param name="problems">Receives the problems.</param>
/// <param name="findPaths">Returns the full names of all keys with a given name, such as <c>loki.url</c> for <c>url</c>.</param>
internal sealed class ConfigBinder(List<ConfigProblem> problems, Func<string, IEnumerable<string>> findPaths)
{
    /// <summary>Upper bound of the characters of a key or a value that a message quotes.</summary>
    private const int MaxShownChars = 60;

    /// <summary>Several sections have keys such as <c>name</c>: a message names at most this many.</summary>
    private const int MaxShownPaths = 3;

    private static readonly SourceLocation Start = new(1, 1);

    private readonly HashSet<string> _invalid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceLocation> _locations = new(StringComparer.Ordinal);

    /// <summary>Describes a node for a message.</summary>
    public static string Describe(ConfigNode node) => node switch
    {
        MapNode => "a mapping",
        ListNode => "a list",
        ScalarNode { IsNull: true } => "nothing",
        ScalarNode scalar => $"\"{ToOneLine(scalar.Text)}\"",
        _ => "something else",
    };

    /// <summary>Shortens a text and replaces its control characters, so that it fits into a one-line message.</summary>
    public static string ToOneLine(string text) => string.Concat(
        (text.Length > MaxShownChars ? text[..MaxShownChars] + "…" : text).Select(c => c == '\n' ? "\\n" : char.IsControl(c) || c is '\u2028' or '\u2029' ? "\uFFFD" : c.ToString()));

    public void Add(SourceLocation at, string message) => problems.Add(new ConfigProblem(at, message));

    /// <summary>Adds a warning: the configuration works, but may be unintended.</summary>
    public void AddWarning(string path, string message) => problems.Add(new ConfigProblem(FindLocation(path), message, IsWarning: true));

    /// <summary>Adds a problem with a key, at the key's location, or at its section's location if the file does not have the key.</summary>
    public void Add(string path, string message) => Add(FindLocation(path), message);

    /// <summary>Adds a problem with a key's own value. The option then keeps its default.</summary>
    public void AddInvalidValue(string path, SourceLocation at, string message)
    {
        _invalid.Add(path);
        Add(at, message);
    }

    /// <summary>True if a problem with the key's own value was added.</summary>
    public bool IsInvalid(string path) => _invalid.Contains(path);

    /// <summary>True if a problem with the key's own value, or with a key below it, was added.</summary>
    public bool HasInvalid(string path) => _invalid.Any(invalid =>
        invalid.StartsWith(path, StringComparison.Ordinal) && (invalid.Length == path.Length || invalid[path.Length] is '.' or '['));

    /// <summary>True if the file has the key.</summary>
    public bool IsSet(string path) => _locations.ContainsKey(path);

    public void SetLocation(string path, SourceLocation at) => _locations[path] = at;

    /// <summary>Returns where the file has a key, or else the nearest section around it that the file has.</summary>
    public SourceLocation FindLocation(string path)
    {
        for (string rest = path; ;)
        {
            if (_locations.TryGetValue(rest, out SourceLocation at))
            {
                return at;
            }

            int end = rest.LastIndexOfAny(['.', '[']);
            if (end < 0)
            {
                return Start;
            }

            rest = rest[..end];
        }
    }

    /// <summary>Adds a problem with an unknown key, and suggests the nearest known key or the sections that have a key of this name.</summary>
    public void AddUnknownKey(ScalarNode key, string section, IEnumerable<string> known)
    {
        string place = section.Length == 0 ? "" : $" in {section}";
        string[] names = [.. known];
        AddInvalidValue(section.Length == 0 ? key.Text : $"{section}.{key.Text}", key.At, $"unknown key \"{ToOneLine(key.Text)}\"{place}; {Hint(key.Text, names)}");
    }

    private string Hint(string key, string[] names)
    {
        // In braces, YAML reads "url:http://loki" as a key without a value.
        if (Array.Find(names, name => key.StartsWith(name + ":", StringComparison.Ordinal)) is { } stuck)
        {
            return $"write a space after the colon, as in {stuck}: VALUE";
        }

        if (Array.Find(names, name => Spelling.Distance(key, name) == 0) is { } same)
        {
            return $"did you mean \"{same}\"?";
        }

        // A few letters differ: a typo of a key of this section is more likely than a key of another section, unless that has exactly this name.
        string[] paths = [.. findPaths(key).OrderBy(path => path.Count(c => c is '.' or '[')).Take(MaxShownPaths)];
        string? nearest = Spelling.FindNearest(key, names);
        bool isOneLetter = nearest is not null && Spelling.Distance(key, nearest) <= 1;
        return !isOneLetter && paths.Length > 0 ? $"did you mean {string.Join(" or ", paths)}? Known keys here are {string.Join(", ", names)}"
            : nearest is not null ? $"did you mean \"{nearest}\"?"
            : $"known keys are {string.Join(", ", names)}";
    }
}
