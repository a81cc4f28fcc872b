namespace Shipper.Configuration;

/// <summary>Collects what is wrong with a configuration, and remembers where each key stands.</summary>
internal sealed class ConfigBinder(List<ConfigProblem> problems)
{
    /// <summary>A name that differs in more letters is no slip of the pen.</summary>
    private const int MaxDistance = 3;

    /// <summary>As much of a value is repeated in a message.</summary>
    private const int MaxShownChars = 60;

    private static readonly Position Start = new(1, 1);

    private readonly Dictionary<string, Position> _positions = new(StringComparer.Ordinal);

    /// <summary>Says what a node is, for a message.</summary>
    public static string Describe(ConfigNode node) => node switch
    {
        MapNode => "a mapping",
        ListNode => "a list",
        ScalarNode { IsNull: true } => "nothing",
        ScalarNode { Text.Length: > MaxShownChars } scalar => $"\"{scalar.Text[..MaxShownChars]}…\"",
        ScalarNode scalar => $"\"{scalar.Text}\"",
        _ => "something else",
    };

    public void Add(Position at, string message) => problems.Add(new ConfigProblem(at, message));

    /// <summary>Adds what should be thought about once more, though it can be used.</summary>
    public void AddWarning(string path, string message) => problems.Add(new ConfigProblem(Find(path), message, IsWarning: true));

    /// <summary>Adds a problem of a key, at its place; where it does not stand in the file, at that of its section.</summary>
    public void Add(string path, string message) => Add(Find(path), message);

    /// <summary>Tells whether a key's own value is wrong already, so that its default stands in the options.</summary>
    public bool IsWrong(string path) =>
        _positions.TryGetValue(path, out Position at) && problems.Exists(problem => problem.At == at && !problem.IsWarning);

    public void SetPosition(string path, Position at) => _positions[path] = at;

    /// <summary>Adds a problem of a key that is not known, with the nearest that is.</summary>
    public void AddUnknownKey(ScalarNode key, string section, IEnumerable<string> known)
    {
        string place = section.Length == 0 ? "" : $" in {section}";
        string[] names = [.. known];
        string? nearest = names.MinBy(name => Distance(key.Text, name));
        string hint = nearest is not null && Distance(key.Text, nearest) <= Math.Min(MaxDistance, Math.Min(nearest.Length, key.Text.Length) - 1)
            ? $"did you mean \"{nearest}\"?"
            : $"known are {string.Join(", ", names)}";
        Add(key.At, $"unknown key \"{key.Text}\"{place}; {hint}");
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
