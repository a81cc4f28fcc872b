using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>Any text, of one or several lines.</summary>
internal sealed class LinesKind : ValueKind<string>
{
    public override string Expected => "a text";

    public override bool IsText => true;

    public override bool TryParse(string text, out string value, out string? problem)
    {
        value = text;
        problem = null;
        return true;
    }

    public override string Format(string value) => value;

    public override JsonObject Describe() => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}
