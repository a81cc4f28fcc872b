using Shipper.Journal;
using Shipper.Kubernetes.Annotations;
using Shipper.Loki;
using Shipper.Processing.Fields;
using Shipper.Processing.Redaction;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Configuration;

/// <summary>Checks single values of the sections <c>processing</c> and <c>tests</c>, as <see cref="Checks"/> does for the others.</summary>
internal static class RecordChecks
{
    private const int MaxNameChars = 64;

    private static readonly string[] OwnReasons = [.. DropReasons.All, DropReasons.BeforeStart, DropReasons.NulBytes];

    /// <summary>Structured metadata of the journal.</summary>
    private static readonly string[] JournalMetadata = ["level", "identifier", "pid", "transport", "boot_id", "unit_full"];

    /// <summary>Checks the name of a pattern: it becomes part of the line, as in <c>[redacted:NAME]</c>, and a label value.</summary>
    public static string? PatternName(string name) =>
        Name(name) ?? (Array.Exists(RedactName.BuiltIn, known => known.CountedAs == name) ? "a name other than that of a built-in kind, such as email" : null);

    /// <summary>Checks the name of a rule or a limit: it becomes the reason under which records are counted.</summary>
    public static string? ReasonName(string name) =>
        Name(name) ?? (OwnReasons.Contains(name) ? $"a name other than the agent's own reasons ({string.Join(", ", OwnReasons)})" : null);

    public static string? TestName(string name) => name.Trim().Length == 0 ? "a name that is not empty" : null;

    public static string? NotEmpty(string text) => text.Length == 0 ? "is empty, so every record has it; remove it" : null;

    /// <summary>Source: RFC 1123, section 2.1.</summary>
    public static string? PodGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '*' or '?')
            ? null
            : "can't match a pod: the name of a pod has only lower-case letters, digits, - and .; the wildcards are * and ?, as in api-*";

    public static string? ContainerGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '*' or '?')
            ? null
            : "can't match a container: the name of a container has only lower-case letters, digits and -; the wildcards are * and ?, as in istio-*";

    /// <summary>Checks a glob of the label <c>unit</c>, which is not always the full name of the unit.</summary>
    public static string? UnitLabelGlob(string pattern) =>
        Checks.UnitGlob(pattern)
        ?? (!pattern.AsSpan().ContainsAny('*', '?') && UnitLabel.Of(pattern) is { } label && label != pattern
            ? $"is not a value of the label unit; write {label}"
            : null);

    public static string? FilenameGlob(string pattern) => pattern.StartsWith('*') ? null : Checks.Glob(pattern);

    /// <summary>Checks a condition on a field.</summary>
    public static string? FieldCondition(string path, string glob) => Path(path);

    /// <summary>Checks the name of structured metadata and the path that its value comes from.</summary>
    public static string? Field(string name, string path) => MetadataName(name) ?? Path(path);

    /// <summary>Checks the name of structured metadata that a test expects.</summary>
    public static string? ExpectedMetadata(string name, string value) =>
        StreamLabels.IsValidName(name) ? null : "not a valid name for structured metadata; use letters, digits and _ only, and don't begin with a digit or __";

    public static string? Annotation(string pattern)
    {
        if (pattern.StartsWith(OwnAnnotations.Prefix, StringComparison.Ordinal))
        {
            return $"has a prefix that is left out here; write {pattern[OwnAnnotations.Prefix.Length..]}";
        }

        if (pattern.Length > 0 && Array.Exists(OwnAnnotations.Keys, name => Discovery.GlobComparison.CoversName(pattern, name)))
        {
            return null;
        }

        string remedy = Spelling.FindNearest(pattern, OwnAnnotations.Keys) is { } nearest
            ? $"did you mean {nearest}?"
            : $"use {string.Join(", ", OwnAnnotations.Keys.Order(StringComparer.Ordinal))}, or * for all";
        return $"is not an annotation that the agent knows; {remedy}";
    }

    private static string? Name(string name) =>
        name.Length is > 0 and <= MaxNameChars && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.')
            ? null
            : "a name of 1 to 64 lower-case letters, digits, -, _ and .";

    private static string? MetadataName(string name) =>
        JournalMetadata.Contains(name) ? "the agent uses this name itself, for the journal; choose another name" : Checks.MetadataName(name);

    private static string? Path(string path) => FieldPath.TryParse(path, out _, out string? problem) ? null : $"the path \"{ConfigBinder.ToOneLine(path)}\" {problem}";
}
