using System.Text.Json;

namespace Shipper.Client;

/// <summary>A value of an agent's answer. The agent may be older or newer than this program: a value that is missing, or has another type, reads as empty.</summary>
internal readonly struct JsonView(JsonElement element)
{
    /// <summary>False if the value is missing or null.</summary>
    public bool Exists => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>True if the value is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>The text; empty if there is none.</summary>
    public string Text => element.ValueKind switch
    {
        JsonValueKind.String => ReadString(),
        JsonValueKind.Number => element.GetRawText(),
        _ => "",
    };

    /// <summary>The number; null if there is none.</summary>
    public double? OptionalNumber => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>The number; 0 if there is none.</summary>
    public double Number => OptionalNumber ?? 0;

    /// <summary>True only if the value is <c>true</c>.</summary>
    public bool IsTrue => element.ValueKind == JsonValueKind.True;

    /// <summary>The point in time; null if there is none.</summary>
    public DateTimeOffset? Time => element.ValueKind == JsonValueKind.String && element.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null;

    /// <summary>The values of an array.</summary>
    public IEnumerable<JsonView> Items => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(item => new JsonView(item)) : [];

    /// <summary>The members of an object.</summary>
    public IEnumerable<(string Name, JsonView Value)> Members =>
        IsObject ? element.EnumerateObject().Select(member => (member.Name, new JsonView(member.Value))) : [];

    /// <summary>A member of an object.</summary>
    public JsonView this[string name] => IsObject && element.TryGetProperty(name, out JsonElement value) ? new JsonView(value) : default;

    /// <summary>Parses a document.</summary>
    /// <returns>False if the text is not JSON.</returns>
    public static bool TryParse(string text, out JsonView value)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            value = new JsonView(document.RootElement.Clone());
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    private string ReadString()
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return element.GetRawText();
        }
    }
}
