using System.Text;
using System.Text.Unicode;
using Shipper.Core.Tests.Processing.Fields;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A JSON line in whose members fields and the trace context are looked for: all members that .NET finds before the first error are found, and an object
/// that is not entered ends where .NET says it does.
/// </summary>
internal sealed class JsonLineTarget : FuzzTarget
{
    private readonly FieldFinder _finder = new([.. ((string[])["user.id", "level", "a.b.c", "log.level", "msg", "trace.id"]).Select(FieldPath.Parse)]);

    public override string Name => "json-line";

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            RealLines.Pino, RealLines.PinoDatadog, RealLines.Bunyan, RealLines.Zap, RealLines.SerilogCompact, RealLines.DotNetJsonScopes, RealLines.EcsNested, RealLines.GoogleCloud, RealLines.Caddy,
            """{"a":{"b.c":1,"b":{"c":"\ud83d\ude00"}},"n":NaN,"x":[{"y":[]},"]"]}""",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])["{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\\u00e4", "\\ud83d", "true", "null", "-1.5e3", "NaN", "\"a\":", "\"user\":{\"id\":", "\"trace_id\":\"", "4bf92f3577b34da6a3ce929d0e0e4736", " ", "\n"]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0],
    ];

    public override string Check(byte[] input)
    {
        List<string> members = JsonMembers.Scan(input, out bool isComplete);
        List<string> expected = JsonMembers.Read(input, out bool isValid);
        Assert.Equal(expected, members.Take(expected.Count));
        Assert.True(isComplete || !isValid);
        Assert.True(members.Count == expected.Count || !isValid);

        var skipping = new JsonScanner(input);
        int count = 0;
        while (skipping.Read())
        {
            Assert.Equal(1, skipping.Depth);
            count++;
        }

        Assert.True(!isValid || skipping.IsComplete);

        var values = new FieldValue[_finder.Count];
        int found = _finder.Find(input, values);
        Assert.Equal(found, values.Count(value => value.IsFound));
        var scratch = new byte[64];
        Assert.All(values.Where(value => value.IsEscaped), value => Assert.True(Utf8.IsValid(value.Read(input, scratch))));
        bool hasTrace = TraceFinder.TryFind(input, isCut: false, out _);
        return $"{Magnitude(members.Count)} {Magnitude(count)} {isComplete} {isValid} {found} {hasTrace}";
    }
}
