using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shipper.Core.Tests.Processing.Levels;
using Shipper.Processing.Levels;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A record in JSON, logfmt or text. Its level does not change if the word that states it gets colors, or if the message becomes longer.</summary>
internal sealed partial class LevelTarget : FuzzTarget
{
    /// <summary>How far the level of a text can be.</summary>
    private const int MaxColoredStart = 120;

    public override string Name => "level";

    public override int MaxBytes => 1024;

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. KeyLevelLines.Json.Concat(KeyLevelLines.Logfmt).Concat(TextLevelLines.Lines).Concat(TextLevelLines.Joined).Select(line => line.Line)
            .Concat(NoLevelLines.Lines).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            "info", "ERROR", "Warning", "fatal", "[", "]", "[error]", "{\"", "\":\"", "\",\"", "level", "severity", "log\":{", "=", "level=", "err=", " - ", " | ", ": ", "\t", "\n", "<11>",
            "\u001b[31m", "\u001b[0m", "\\u001b[32m", "2026-01-02T03:04:05.678Z ", "03:04:05 ", "Jan  2 ", "I0102 03:04:05.678901 ", "1:M ", "panic: ", "\tat ", "PHP ", "npm ", " error:", "UTC ", "AM ",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        RecordLevel level = LevelDetector.Detect(input, 1);
        RecordLevel joined = LevelDetector.Detect(input, 2);
        Assert.True(level == joined || level == RecordLevel.None, "a level does not depend on the number of lines");

        // In Latin-1 each byte is one character.
        string line = Encoding.Latin1.GetString(input);
        bool isJson = line.Contains('{', StringComparison.Ordinal);
        if (!line.Contains('\u001b', StringComparison.Ordinal) && !line.Contains('\u009b', StringComparison.Ordinal) && (!isJson || IsDocument(input)))
        {
            foreach (Match word in (isJson ? ValueOfJson() : WordOfText()).Matches(line).Where(match => match.Index < MaxColoredStart))
            {
                byte[] colored = Encoding.Latin1.GetBytes($"{line[..word.Index]}\u001b[1;31m{word.Value}\u001b[0m{line[(word.Index + word.Length)..]}");
                Assert.Equal((level, joined), (LevelDetector.Detect(colored, 1), LevelDetector.Detect(colored, 2)));
            }
        }

        if (level != RecordLevel.None && !isJson && !line.Contains('"', StringComparison.Ordinal))
        {
            Assert.Equal(level, LevelDetector.Detect([.. input, .. " and more words"u8], 1));
        }

        return $"{level} {joined} {isJson} {line.Contains('=', StringComparison.Ordinal)} {line.Contains('[', StringComparison.Ordinal)} {line.Contains('\n', StringComparison.Ordinal)}"
            + $" {(line.Length > 0 ? char.IsLetter(line[0]) : null)} {Magnitude(line.Length)}";
    }

    /// <summary>In JSON that is not valid, the bracket of an escape sequence may be one of the text.</summary>
    private static bool IsDocument(byte[] input)
    {
        try
        {
            using var document = JsonDocument.Parse(input);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex("(?<![A-Za-z])(?:trace|debug|info|warn|warning|error|fatal|critical|notice|alert|log|fail|inf|err)(?![A-Za-z])", RegexOptions.IgnoreCase)]
    private static partial Regex WordOfText();

    [GeneratedRegex("(?<=:\")(?:trace|debug|info|warn|warning|error|fatal|critical|notice|alert)(?=\"[,}])", RegexOptions.IgnoreCase)]
    private static partial Regex ValueOfJson();
}
