using System.Diagnostics.CodeAnalysis;

namespace Shipper.Kubernetes;

/// <summary>Strings that many pods have in common: names of labels and containers, images. A thousand pods keep one of each.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class SharedStrings
{
    /// <summary>Pods come and go, and what they had must not stay: with as many it begins anew.</summary>
    private const int MaxCount = 1024;

    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);

    /// <summary>The string that is the same and was there first.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Share(string? text)
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
