using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A size in bytes, in a range.</summary>
internal sealed class SizeKind(long min, long max) : ValueKind<long>
{
    public override string Expected => "a size such as 256KiB, 1MiB or 2GiB";

    public override bool TryParse(string text, out long value, out string? problem)
    {
        bool isSize = Units.TryParseSize(text, out value);
        problem = isSize ? $"at least {Units.FormatSize(min)} and at most {Units.FormatSize(max)}" : null;
        return isSize && value >= min && value <= max;
    }

    public override string Format(long value) => Units.FormatSize(value);

    // JSON Schema has no range for strings: the title shows the range to editors and people.
    public override JsonObject Describe() => JsonSchemas.AllowVariable(
        new JsonObject { ["title"] = $"size, {Units.FormatSize(min)} to {Units.FormatSize(max)}", ["type"] = "string", ["pattern"] = Units.SizePattern },
        new JsonObject { ["type"] = "integer", ["minimum"] = 0 });
}
