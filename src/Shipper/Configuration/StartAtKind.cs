using System.Text.Json.Nodes;
using Shipper.Discovery;

namespace Shipper.Configuration;

/// <summary>Where to start reading a file: <c>beginning</c>, <c>end</c> or a duration.</summary>
internal sealed class StartAtKind : ValueKind<StartAt>
{
    private const string Beginning = "beginning";
    private const string End = "end";

    public override string Expected => "beginning, end, or a duration such as 1h";

    public override bool TryParse(string text, out StartAt value, out string? problem)
    {
        problem = null;
        bool isDuration = Units.TryParseDuration(text, out TimeSpan age);
        value = text == End ? new StartAt(StartMode.End) : isDuration ? new StartAt(StartMode.Age, age) : new StartAt(StartMode.Beginning);
        return isDuration || text is Beginning or End;
    }

    public override string Format(StartAt value) => value.Mode switch
    {
        StartMode.Age => Units.FormatDuration(value.Age),
        StartMode.End => End,
        _ => Beginning,
    };

    public override JsonObject Describe() => JsonSchemas.AllowVariable(
        new JsonObject { ["enum"] = new JsonArray(Beginning, End) }, new JsonObject { ["title"] = "duration", ["type"] = "string", ["pattern"] = Units.DurationPattern });
}
