using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shipper.Parsing;
using Shipper.Records;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>One line of Docker's json-file format, compared with the line parsed as a JSON document.</summary>
internal sealed class DockerTarget : FuzzTarget
{
    private const int MaxLineBytes = 64 * 1024;

    private readonly ContainerLineParser _sut = new(MaxLineBytes);

    public override string Name => "docker";

    public override IEnumerable<byte[]> Seeds => RecordedLines.Docker;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), ","u8.ToArray(), ":"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "\\n"u8.ToArray(),
        "\"log\":"u8.ToArray(), "\"stream\":"u8.ToArray(), "\"time\":"u8.ToArray(), "\"attrs\":{\"a\":[1]},"u8.ToArray(), "\"stdout\""u8.ToArray(), "\"stderr\""u8.ToArray(),
        "null"u8.ToArray(), "true"u8.ToArray(), "1e999"u8.ToArray(), "\\u0000"u8.ToArray(), "\\ud83d\\ude00"u8.ToArray(), "\\ud800"u8.ToArray(), "\\u006cog"u8.ToArray(),
        "/**/"u8.ToArray(), "\"2026-11-23T01:21:26.1+02:00\""u8.ToArray(), "\r"u8.ToArray(), "\t"u8.ToArray(), [0xEF, 0xBB, 0xBF], [0xC3], [0xFF],
    ];

    public override string Check(byte[] input)
    {
        byte[] line = input.Length > 0 && input[0] == '{' ? input : [(byte)'{', .. input];
        ParsedLine? expected = Expect(line, out string how);
        Assert.Equal(expected, ParsedLine.Of(new ContainerLineParser(MaxLineBytes), line));

        // The lines parsed before make no difference.
        _ = ParsedLine.Of(_sut, line.AsSpan(0, RandomOf(input).Next(line.Length)));
        Assert.Equal(expected, ParsedLine.Of(_sut, line));
        Assert.True(expected is null || expected.Content.Length <= line.Length);
        return expected is null ? how : $"{expected.Output} {expected.IsPartial} {Magnitude(expected.Content.Length)} {Magnitude(line.Count(b => b == '{'))} {line.Contains((byte)'\\')}";
    }

    private static ParsedLine? Expect(byte[] line, out string how)
    {
        string? text = null;
        LogOutput? output = null;
        long time = -1;
        how = "no JSON";
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                how = $"wrong {Magnitude(document.RootElement.GetPropertyCount())} {(member.NameEquals("time"u8) ? "time" : "")} {member.Value.ValueKind}";
                if (member.NameEquals("log"u8))
                {
                    // GetString would also accept null.
                    text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw new InvalidOperationException();
                }
                else if (member.NameEquals("stream"u8))
                {
                    output = member.Value.ValueEquals("stdout"u8) ? LogOutput.Stdout : member.Value.ValueEquals("stderr"u8) ? LogOutput.Stderr : null;
                }
                else if (member.NameEquals("time"u8))
                {
                    string raw = member.Value.GetRawText().Trim('"');
                    Match match = CriTarget.Time().Match(raw);
                    if (member.Value.ValueKind != JsonValueKind.String || match.Length != raw.Length || CriTarget.ExpectTime(match) is not { } ns)
                    {
                        return null;
                    }

                    time = ns;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        if (text is null || output is null || time < 0)
        {
            how += $" lacks {text is null} {output is null} {time < 0}";
            return null;
        }

        bool isPartial = !text.EndsWith('\n');
        return new ParsedLine(time, output.Value, isPartial, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(isPartial ? text : text[..^1])));
    }
}
