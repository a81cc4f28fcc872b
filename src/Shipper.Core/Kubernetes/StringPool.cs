using System.Diagnostics.CodeAnalysis;

namespace Shipper.Kubernetes;

/// <summary>Deduplicates strings that many pods have in common, such as images and the names of labels and containers.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StringPool
{
    /// <summary>Maximum number of strings. When it is reached, all are dropped, because strings of deleted pods must not stay forever.</summary>
    private const int MaxCount = 1024;

    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);

    /// <summary>Returns the first equal string, so that later copies can be collected.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Intern(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (_strings.TryGetValue(text, out string? shared))
        {
            return shared;
        }

        if (_strings.Count >= MaxCount)
        {
            _strings.Clear();
        }

        _strings.Add(text);
        return text;
    }
}
