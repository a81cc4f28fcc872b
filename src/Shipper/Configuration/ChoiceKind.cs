using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>One of a few words: the names of an enumeration in lower case.</summary>
internal sealed class ChoiceKind<TEnum> : ValueKind<TEnum>
    where TEnum : struct, Enum
{
    private const string Off = "off";

    private static readonly string[] Words = [.. Enum.GetNames<TEnum>().Select(ToWord)];

    public override string Expected => $"{string.Join(", ", Words[..^1])} or {Words[^1]}";

    public override bool TryParse(string text, out TEnum value, out string? problem)
    {
        problem = null;
        value = default;

        // Helm reads "off" as a boolean, and writes it as false.
        string word = text == "false" ? Off : text;
        return Words.Contains(word) && Enum.TryParse(word, ignoreCase: true, out value);
    }

    public override string Format(TEnum value) => ToWord(value.ToString());

    public override JsonObject Describe() =>
        JsonSchemas.AllowVariable(new JsonObject { ["enum"] = new JsonArray([.. Words.Select(word => (JsonNode)word), .. Words.Contains(Off) ? [JsonValue.Create(false)] : Array.Empty<JsonNode>()]) });

#pragma warning disable CA1308 // The words of the configuration are lower case.
    private static string ToWord(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
}
