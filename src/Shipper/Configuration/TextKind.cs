using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>Free text.</summary>
/// <param name="expected">The expected value, for messages.</param>
/// <param name="check">Returns what is expected instead of a text; null if the text is valid.</param>
internal sealed class TextKind(string expected = "a string", Func<string, string?>? check = null) : ValueKind<string>
{
    public override string Expected => expected;

    public override bool IsText => true;

    public override bool TryParse(string text, out string value, out string? problem)
    {
        value = text;
        problem = Checks.OneLine(text) ?? check?.Invoke(text);
        return problem is null;
    }

    public override string Format(string value) => value;

    public override JsonObject Describe() => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}
