using System.Text;

namespace Shipper.Loki;

/// <summary>The labels of a stream, in Loki's form and already encoded, because they are written at the start of each of its runs.</summary>
internal sealed class StreamLabels
{
    /// <summary>Loki's <c>max_label_names_per_series</c>. Loki does not count the service_name that it adds.</summary>
    public const int MaxNames = 15;

    /// <summary>Loki's <c>max_label_value_length</c>, in bytes.</summary>
    public const int MaxValueBytes = 2048;

    /// <summary>Loki's <c>max_label_name_length</c>, in bytes.</summary>
    public const int MaxNameBytes = 1024;

    private StreamLabels(string selector) => Encoded = PushRequestWriter.EncodeLabels(selector);

    /// <summary>
    /// The labels as a selector, names in ordinal order: <c>{cluster="a", namespace="b"}</c>. Created on each call, so that a thousand streams keep only the
    /// bytes.
    /// </summary>
    public string Selector => PushRequestWriter.DecodeLabels(Encoded);

    /// <summary>The labels field of a StreamAdapter.</summary>
    public byte[] Encoded { get; }

    /// <summary>Creates the labels of a stream. Empty values are left out, because Loki removes them.</summary>
    public static StreamLabels Create(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var selector = new StringBuilder("{");
        foreach ((string name, string value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            if (value.Length > 0)
            {
                selector.Append(selector.Length > 1 ? ", " : "").Append(name).Append("=\"");
                AppendEscaped(selector, value);
                selector.Append('"');
            }
        }

        return new StreamLabels(selector.Append('}').ToString());
    }

    /// <summary>Creates labels from a selector.</summary>
    /// <param name="selector">A <see cref="Selector"/>.</param>
    public static StreamLabels FromSelector(string selector) => new(selector);

    public override string ToString() => Selector;

    /// <summary>Returns the label values by name.</summary>
    public Dictionary<string, string> ToDictionary()
    {
        string selector = Selector;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int position = 1; selector.IndexOf('=', position) is > 0 and var equals;)
        {
            string name = selector[position..equals].TrimStart(' ', ',');
            position = equals + 2;
            labels[name] = Unescape(selector, ref position);
        }

        return labels;
    }

    /// <summary>
    /// Appends an escaped value. Loki unquotes values as Go does: quote, backslash and newline must be escaped, other control characters should be.
    /// </summary>
    private static void AppendEscaped(StringBuilder selector, string value)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => selector.Append("\\\""),
                '\\' => selector.Append("\\\\"),
                '\n' => selector.Append("\\n"),
                < ' ' or '\x7f' => selector.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => selector.Append(c),
            };
        }
    }

    private static string Unescape(string selector, ref int position)
    {
        var value = new StringBuilder();
        for (; selector[position] != '"'; position++)
        {
            if (selector[position] != '\\')
            {
                value.Append(selector[position]);
                continue;
            }

            position++;
            if (selector[position] == 'x')
            {
                value.Append((char)int.Parse(selector.AsSpan(position + 1, 2), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture));
                position += 2;
            }
            else
            {
                value.Append(selector[position] == 'n' ? '\n' : selector[position]);
            }
        }

        position++;
        return value.ToString();
    }

    /// <summary>True if Loki accepts a label name: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, not beginning with <c>__</c>.</summary>
    public static bool IsValidName(string name) =>
        name.Length is > 0 and <= MaxNameBytes
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        && !name.StartsWith("__", StringComparison.Ordinal);
}
