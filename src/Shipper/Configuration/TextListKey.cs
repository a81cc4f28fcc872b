using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A key with a list of strings.</summary>
/// <param name="check">Returns what is wrong with a string; null if it is valid.</param>
internal sealed class TextListKey<T>(string name, string description, Func<T, List<string>> get, Action<T, List<string>> set, Func<string, string?>? check = null)
    : ListKey<T, string>(name, description, get, set)
{
    /// <summary>The strings that are valid; empty if there are others.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    protected override bool TryParse(string text, out string item, out string? problem)
    {
        item = text;
        problem = Words.Count > 0 && !Words.Contains(text) ? $"is not one of {string.Join(", ", Words)}" : check?.Invoke(text);
        return problem is null;
    }

    protected override string Format(string item) => item;

    protected override JsonObject DescribeItem() => Words.Count == 0
        ? new JsonObject { ["type"] = "string" }
        : JsonSchemas.AllowVariable(new JsonObject { ["enum"] = new JsonArray([.. Words.Select(word => (JsonNode)word)]) });
}
