using System.Globalization;
using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A whole number in a range.</summary>
internal sealed class NumberKind(int min, int max) : ValueKind<int>
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");

    public override bool TryParse(string text, out int value, out string? problem)
    {
        problem = null;

        // Some YAML parsers read 010 as 8, others as 10: accept only the canonical form.
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= min && value <= max
            && Format(value) == text;
    }

    public override string Format(int value) => value.ToString(CultureInfo.InvariantCulture);

    public override JsonObject Describe() =>
        JsonSchemas.AllowVariable(new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max });

    public override JsonNode? ToJson(int value) => JsonValue.Create(value);
}
