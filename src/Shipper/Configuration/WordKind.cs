using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>One of a few words.</summary>
internal sealed class WordKind(params string[] words) : ValueKind<string>
{
    public override string Expected => words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";

    public override bool TryParse(string text, out string value, out string? problem)
    {
        value = text;
        problem = null;
        return words.Contains(text);
    }

    public override string Format(string value) => value;

    public override JsonObject Describe() => JsonSchemas.AllowVariable(new JsonObject { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) });
}
