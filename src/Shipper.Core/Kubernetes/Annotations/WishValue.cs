using System.Globalization;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses the values of our own annotations. Each method returns null, and what is wrong, for a value that is not valid.</summary>
internal static class WishValue
{
    private const int MaxSample = 1_000_000;

    /// <summary>Parses <c>true</c> or <c>false</c>, and the other words that Fluent Bit knows for them.</summary>
    /// <param name="rule">The annotation, for messages about logs that it leaves out.</param>
    public static OutputWishes? ParseExclude(string value, string rule, out string problem)
    {
        problem = "must be true or false";
        bool? isExcluded = value.ToUpperInvariant() switch
        {
            "TRUE" or "ON" or "YES" => true,
            "FALSE" or "OFF" or "NO" => false,
            _ => null,
        };
        return isExcluded is { } known ? new OutputWishes { Exclusion = new WishedExclusion(known, rule) } : null;
    }

    /// <summary>Parses <c>off</c>, <c>traces</c>, <c>auto</c>, or a list of languages.</summary>
    public static OutputWishes? ParseMultiline(string value, string rule, out string problem)
    {
        problem = "must be off, traces, auto, or a list with commas of java, python, go, dotnet, node, ruby, php, rust, dart, json";
        MultilineOptions? options = value switch
        {
            "off" => MultilineOptions.Off,
            "traces" => MultilineOptions.Traces,
            "auto" => new MultilineOptions(MultilineMode.Auto),
            _ => ParseFlags<TraceLanguages>(value) is { } languages ? new MultilineOptions(MultilineMode.Languages, languages) : null,
        };
        return options is null ? null : new OutputWishes { Multiline = options };
    }

    /// <summary>Parses the regex of lines that begin a record.</summary>
    public static OutputWishes? ParseMultilineStart(string value, string rule, out string problem)
    {
        problem = PatternSyntax.FindProblem(value) ?? "";
        return problem.Length > 0 ? null : new OutputWishes { Multiline = new MultilineOptions(MultilineMode.Start, Pattern: value) };
    }

    /// <summary>Parses <c>keep</c> or <c>strip</c>.</summary>
    public static OutputWishes? ParseAnsi(string value, string rule, out string problem)
    {
        problem = "must be keep or strip";
        AnsiAction? action = value switch
        {
            "keep" => AnsiAction.Keep,
            "strip" => AnsiAction.Strip,
            _ => null,
        };
        return action is null ? null : new OutputWishes { Ansi = action };
    }

    /// <summary>Parses the mode of level detection.</summary>
    public static OutputWishes? ParseLevel(string value, string rule, out string problem) =>
        ParseMode(value, out problem) is { } mode ? new OutputWishes { Level = mode } : null;

    /// <summary>Parses the mode of trace detection.</summary>
    public static OutputWishes? ParseTrace(string value, string rule, out string problem) =>
        ParseMode(value, out problem) is { } mode ? new OutputWishes { Trace = mode } : null;

    /// <summary>Parses the regex of lines to drop.</summary>
    public static OutputWishes? ParseDrop(string value, string rule, out string problem)
    {
        problem = PatternSyntax.FindProblem(value) ?? "";
        return problem.Length > 0 ? null : new OutputWishes { Drop = new ValueList<string>(value) };
    }

    /// <summary>Parses N of "one of N".</summary>
    public static OutputWishes? ParseSample(string value, string rule, out string problem)
    {
        problem = $"must be a number from 1 to {MaxSample}";
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int sample) && sample is > 0 and <= MaxSample
            ? new OutputWishes { Sample = sample }
            : null;
    }

    /// <summary>Parses a list with commas of flags by their names in lower case.</summary>
    /// <returns>Null if a name is unknown, or there is none.</returns>
    public static T? ParseFlags<T>(string value)
        where T : struct, Enum
    {
        long flags = 0;
        foreach (string name in value.Split(',', StringSplitOptions.TrimEntries))
        {
            // Enum.TryParse also accepts numbers.
            if (!name.All(char.IsAsciiLetterLower) || !Enum.TryParse(name, ignoreCase: true, out T flag) || name is "none" or "all")
            {
                return null;
            }

            flags |= Convert.ToInt64(flag, CultureInfo.InvariantCulture);
        }

        return (T)Enum.ToObject(typeof(T), flags);
    }

    private static DetectMode? ParseMode(string value, out string problem)
    {
        problem = "must be detect or off";
        return value switch
        {
            "detect" => DetectMode.Detect,
            "off" => DetectMode.Off,
            _ => null,
        };
    }
}
