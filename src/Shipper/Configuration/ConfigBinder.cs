namespace Shipper.Configuration;

/// <summary>Collects what is wrong with a configuration, and remembers where each key stands.</summary>
/// <param name="problems">Gets what is wrong.</param>
/// <param name="findPaths">Gives the whole names of all keys of a name, as <c>loki.url</c> for <c>url</c>.</param>
internal sealed class ConfigBinder(List<ConfigProblem> problems, Func<string, IEnumerable<string>> findPaths)
{
    /// <summary>A key that differs from a known one in more letters is not taken for a typo.</summary>
    private const int MaxDistance = 3;

    /// <summary>A typo may have one wrong letter for each of this many.</summary>
    private const int LettersPerSlip = 3;

    /// <summary>A message quotes at most this many characters of a key or a value.</summary>
    private const int MaxShownChars = 60;

    private static readonly Position Start = new(1, 1);

    private readonly HashSet<string> _wrong = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Position> _positions = new(StringComparer.Ordinal);

    /// <summary>Says what a node is, for a message.</summary>
    public static string Describe(ConfigNode node) => node switch
    {
        MapNode => "a mapping",
        ListNode => "a list",
        ScalarNode { IsNull: true } => "nothing",
        ScalarNode scalar => $"\"{Show(scalar.Text)}\"",
        _ => "something else",
    };

    /// <summary>A text as it can stand in a message of one line.</summary>
    public static string Show(string text) => string.Concat(
        (text.Length > MaxShownChars ? text[..MaxShownChars] + "…" : text).Select(c => c == '\n' ? "\\n" : char.IsControl(c) || c is '\u2028' or '\u2029' ? "\uFFFD" : c.ToString()));

    public void Add(Position at, string message) => problems.Add(new ConfigProblem(at, message));

    /// <summary>Adds a warning: the configuration works, but may not be what was meant.</summary>
    public void AddWarning(string path, string message) => problems.Add(new ConfigProblem(Find(path), message, IsWarning: true));

    /// <summary>Adds a problem of a key, at the key's place, or at its section's if the file does not have the key.</summary>
    public void Add(string path, string message) => Add(Find(path), message);

    /// <summary>Adds a problem of a key's own value. The options then have the default.</summary>
    public void AddWrong(string path, Position at, string message)
    {
        _wrong.Add(path);
        Add(at, message);
    }

    /// <summary>True if a problem of the key's own value was added.</summary>
    public bool IsWrong(string path) => _wrong.Contains(path);

    /// <summary>True if the file has the key.</summary>
    public bool IsSet(string path) => _positions.ContainsKey(path);

    public void SetPosition(string path, Position at) => _positions[path] = at;

    /// <summary>Adds a problem of an unknown key, and suggests the nearest known one or the sections that have it.</summary>
    public void AddUnknownKey(ScalarNode key, string section, IEnumerable<string> known)
    {
        string place = section.Length == 0 ? "" : $" in {section}";
        string[] names = [.. known];
        Add(key.At, $"unknown key \"{Show(key.Text)}\"{place}; {Hint(key.Text, names)}");
    }

    private string Hint(string key, string[] names)
    {
        // "url:http://loki" in braces is a key without a value.
        if (Array.Find(names, name => key.StartsWith(name + ":", StringComparison.Ordinal)) is { } stuck)
        {
            return $"write {stuck}: with a blank behind the colon";
        }

        if (Array.Find(names, name => Distance(key, name) == 0) is { } same)
        {
            return $"did you mean \"{same}\"?";
        }

        string nearest = names.MinBy(name => Distance(key, name))!;
        int distance = Distance(key, nearest);
        string[] paths = [.. findPaths(key)];
        return distance > 1 && paths.Length > 0 ? $"is {string.Join(" or ", paths)} meant? Known here are {string.Join(", ", names)}"
            : distance <= Math.Min(MaxDistance, Math.Max(key.Length, nearest.Length) / LettersPerSlip) ? $"did you mean \"{nearest}\"?"
            : $"known are {string.Join(", ", names)}";
    }

    private Position Find(string path)
    {
        for (string rest = path; ;)
        {
            if (_positions.TryGetValue(rest, out Position at))
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

    /// <summary>The Levenshtein distance, upper and lower case taken for the same.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MaxDistance)
        {
            return int.MaxValue;
        }

        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
