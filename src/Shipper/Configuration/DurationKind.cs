using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A duration in a range.</summary>
internal sealed class DurationKind(TimeSpan min, TimeSpan max) : ValueKind<TimeSpan>
{
    public override string Expected => "a duration such as 500ms, 10s, 5m, 1h or 1d";

    public override bool TryParse(string text, out TimeSpan value, out string? problem)
    {
        bool isDuration = Units.TryParseDuration(text, out value);
        problem = isDuration ? $"at least {Units.FormatDuration(min)} and at most {Units.FormatDuration(max)}" : null;
        return isDuration && value >= min && value <= max;
    }

    public override string Format(TimeSpan value) => Units.FormatDuration(value);

    public override JsonObject Describe() => JsonSchemas.AllowVariable(new JsonObject
    {
        ["title"] = $"duration, {Units.FormatDuration(min)} to {Units.FormatDuration(max)}",
        ["type"] = "string",
        ["pattern"] = Units.DurationPattern,
    });
}
