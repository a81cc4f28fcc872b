using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>One of a few words: the names of an enumeration in lower case.</summary>
/// <param name="except">Names that are no words of the configuration.</param>
internal sealed class ChoiceKind<TEnum>(params TEnum[] except) : ValueKind<TEnum>
    where TEnum : struct, Enum
{
    private const string Off = "off";

    private readonly string[] _words = [.. Enum.GetValues<TEnum>().Except(except).Select(value => ToWord(value.ToString()))];

    /// <summary>The words, in the order of the enumeration.</summary>
    public IReadOnlyList<string> Words => _words;

    public override string Expected => $"{string.Join(", ", _words[..^1])} or {_words[^1]}";

    public override bool TryParse(string text, out TEnum value, out string? problem)
    {
        problem = null;
        value = default;

        // Helm reads "off" as a boolean, and writes it as false.
        string word = text == "false" ? Off : text;
        return _words.Contains(word) && Enum.TryParse(word, ignoreCase: true, out value);
    }

    public override string Format(TEnum value) => ToWord(value.ToString());

    public override JsonObject Describe() =>
        JsonSchemas.AllowVariable(new JsonObject { ["enum"] = new JsonArray([.. _words.Select(word => (JsonNode)word), .. _words.Contains(Off) ? [JsonValue.Create(false)] : Array.Empty<JsonNode>()]) });

#pragma warning disable CA1308 // The words of the configuration are lower case.
    private static string ToWord(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
}
