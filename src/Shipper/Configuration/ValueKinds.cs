using System.Globalization;
using System.Text.Json.Nodes;
using Shipper.Discovery;

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

/// <summary>A flag: true or false.</summary>
internal sealed class FlagKind : ValueKind<bool>
{
    public override string Expected => "true or false";

    public override bool TryParse(string text, out bool value, out string? problem)
    {
        problem = null;
        value = text is "true" or "True" or "TRUE";
        return value || text is "false" or "False" or "FALSE";
    }

    public override string Format(bool value) => value ? "true" : "false";

    public override JsonObject Describe() => JsonSchemas.AllowVariable(new JsonObject { ["type"] = "boolean" });

    public override JsonNode? ToJson(bool value) => JsonValue.Create(value);
}

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
