using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Shipper.Processing.Fields;

/// <summary>
/// The place of a value in a line, such as <c>user.id</c>. A dot separates the names of nested objects, or is part of a name: this path finds both
/// <c>{"user":{"id":1}}</c> and <c>{"user.id":1}</c>, and in logfmt <c>user.id=1</c>. Elements of arrays have no path.
/// </summary>
internal sealed class FieldPath
{
    /// <summary>Maximum length in bytes.</summary>
    public const int MaxBytes = JsonText.MaxNameBytes;

    /// <summary>Maximum number of names.</summary>
    public const int MaxNames = 16;

    private FieldPath(string text)
    {
        Text = text;
        Bytes = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The path as in the configuration.</summary>
    public string Text { get; }

    /// <summary>The path in UTF-8.</summary>
    public byte[] Bytes { get; }

    /// <summary>Parses a path.</summary>
    /// <param name="problem">What is wrong, as the end of a sentence that begins with the path; null if nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out FieldPath? path, [NotNullWhen(false)] out string? problem)
    {
        problem = text.Length == 0 ? "is empty"
            : text.StartsWith("$.", StringComparison.Ordinal) ? $"is not a JSONPath: write {text[2..]}"
            : text.StartsWith('.') || text.EndsWith('.') || text.Contains("..", StringComparison.Ordinal) ? "has an empty name before or behind a dot"
            : text.EndsWith(']') || text.Contains("].", StringComparison.Ordinal) ? "has an index: elements of arrays can't be read"
            : Encoding.UTF8.GetByteCount(text) > MaxBytes ? $"is longer than {MaxBytes} bytes"
            : text.Count(c => c == '.') >= MaxNames ? $"has more than {MaxNames} names"
            : null;
        path = problem is null ? new FieldPath(text) : null;
        return problem is null;
    }

    /// <summary>Parses a path that is known to be valid.</summary>
    /// <exception cref="FormatException">The path is not valid.</exception>
    public static FieldPath Parse(string text) =>
        TryParse(text, out FieldPath? path, out string? problem) ? path : throw new FormatException($"{text} {problem}");

    public override string ToString() => Text;
}
