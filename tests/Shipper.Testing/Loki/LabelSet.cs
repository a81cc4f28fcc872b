using System.Globalization;
using System.Text;

namespace Shipper.Testing.Loki;

/// <summary>Parses and formats the labels of a stream as Loki does.</summary>
public static class LabelSet
{
    private static readonly string[] ServiceNameSources =
    [
        "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
        "k8s_container_name", "component", "workload", "job", "k8s_job_name",
    ];

    /// <summary>Parses <c>{a="1", b="2"}</c>.</summary>
    /// <exception cref="FormatException">The labels are not valid.</exception>
    public static List<KeyValuePair<string, string>> Parse(string labels)
    {
        var found = new List<KeyValuePair<string, string>>();
        string text = labels.Trim();
        if (text.Length == 0)
        {
            return found;
        }

        int position = 1;
        if (text[0] != '{' || text[^1] != '}')
        {
            throw new FormatException("couldn't parse labels");
        }

        while (true)
        {
            while (position < text.Length && text[position] is ' ' or ',')
            {
                position++;
            }

            if (text[position] == '}')
            {
                return found;
            }

            int equals = text.IndexOf('=', position);
            string name = equals < 0 ? "" : text[position..equals].Trim();
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || text[equals + 1] != '"')
            {
                throw new FormatException("couldn't parse labels");
            }

            position = equals + 2;
            found.Add(new(name, Unquote(text, ref position)));
        }
    }

    /// <summary>Adds service_name, removes empty values and sorts, as the distributor does.</summary>
    public static List<KeyValuePair<string, string>> Normalise(List<KeyValuePair<string, string>> labels)
    {
        var normalised = labels.Where(label => label.Value.Length > 0).ToList();
        if (!normalised.Exists(label => label.Key == "service_name"))
        {
            string? source = ServiceNameSources.FirstOrDefault(name => normalised.Exists(label => label.Key == name));
            normalised.Add(new("service_name", source is null ? "unknown_service" : normalised.Find(label => label.Key == source).Value));
        }

        return [.. normalised.OrderBy(label => label.Key, StringComparer.Ordinal)];
    }

    /// <summary>Formats labels as Loki does in messages.</summary>
    public static string Format(IEnumerable<KeyValuePair<string, string>> labels) =>
        "{" + string.Join(", ", labels.Select(label => $"{label.Key}=\"{label.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"")) + "}";

    /// <summary>Reads a quoted value, starting after its opening quotation mark.</summary>
    internal static string Unquote(string text, ref int position)
    {
        var value = new StringBuilder();
        for (; text[position] != '"'; position++)
        {
            if (text[position] != '\\')
            {
                value.Append(text[position]);
                continue;
            }

            position++;
            switch (text[position])
            {
                case 'n':
                    value.Append('\n');
                    break;
                case 't':
                    value.Append('\t');
                    break;
                case 'x':
                    value.Append((char)int.Parse(text.AsSpan(position + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    position += 2;
                    break;
                case 'u':
                    value.Append((char)int.Parse(text.AsSpan(position + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    position += 4;
                    break;
                default:
                    value.Append(text[position]);
                    break;
            }
        }

        position++;
        return value.ToString();
    }
}
