using System.Text;
using Shipper.Core.Tests.Processing.Redaction;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;
using Shipper.Records;
using Shipper.Taps;

namespace Shipper.Core.Tests.Taps;

public class TapTracerTests
{
    [Fact]
    public void Processed_Record_ShowsWhatIsSentAndWhatEachStageChanged()
    {
        ProcessingOptions options = TapFixture.Options();
        options.Ansi = AnsiAction.Strip;
        options.Fields["user"] = "user";
        options.Rules.Add(new RuleOptions { Name = "keep it", When = new WhenOptions { Text = new TextOptions { Contains = ["order"] } }, Do = new RuleAction(RuleActionKind.Keep) });
        options.Limits.Add(new LimitOptions { Name = "noisy", Lines = 1000 });
        var fixture = new TapFixture(options);
        Tap tap = fixture.Open("{namespace=\"shop\"} |= \"order\"");

        fixture.Process("something else", "\u001b[32mlevel=info\u001b[0m msg=\"order created\" user=jane");

        TapRecord record = Assert.Single(TapFixture.Read(tap));
        Assert.Equal(TapStage.Processed, record.Stage);
        Assert.Equal("level=info msg=\"order created\" user=jane", TapFixture.LineOf(record));
        Assert.Equal(record.Line.Length, record.LineBytes);
        Assert.Equal(1_767_225_601_000_000_000, record.TimestampNs);
        Assert.Equal("shop", record.Labels["namespace"]);
        Assert.Equal(["stream=stdout", "pod_uid=42", "detected_level=info", "user=jane"], Pairs(record.Metadata));
        Assert.Equal("keep it", record.Rule);
        Assert.Equal("noisy", record.Limit);
        Assert.Null(record.Reason);
        Assert.Equal(["ansi", "level", "fields"], record.Changes.Select(change => change.Stage));
        Assert.Equal(record.Line, record.Changes[0].Line);
        Assert.Equal(["detected_level=info"], Pairs(record.Changes[1].Metadata));
        Assert.Equal(["user=jane"], Pairs(record.Changes[2].Metadata));
    }

    [Fact]
    public void Dropped_Record_ShowsRuleAndReason()
    {
        var fixture = new TapFixture(Dropping("health"));
        Tap dropped = fixture.Open(stage: TapStage.Dropped);
        Tap processed = fixture.Open(stage: TapStage.Processed);
        Tap read = fixture.Open(stage: TapStage.Read);

        Assert.Equal(["an order"], fixture.Process("GET /health", "an order"));

        TapRecord record = Assert.Single(TapFixture.Read(dropped));
        Assert.Equal("GET /health", TapFixture.LineOf(record));
        Assert.Equal("dropped it", record.Rule);
        Assert.Equal("dropped it", record.Reason);
        Assert.Equal("an order", TapFixture.LineOf(Assert.Single(TapFixture.Read(processed))));
        Assert.Equal(["GET /health", "an order"], TapFixture.Read(read).Select(TapFixture.LineOf));
    }

    [Fact]
    public void Dropped_ExcludedOutput_IsShown()
    {
        var fixture = new TapFixture(excluded: LogOutput.Stdout);
        Tap dropped = fixture.Open(stage: TapStage.Dropped);

        Assert.Empty(fixture.Process("a"));

        TapRecord record = Assert.Single(TapFixture.Read(dropped));
        Assert.Equal("excluded", record.Reason);
        Assert.Empty(record.Changes);
        Assert.Equal("a", TapFixture.LineOf(record));
    }

    [Fact]
    public void Dropped_LineTooLong_ShowsItsBeginningOnce()
    {
        var fixture = new TapFixture { Limit = new LineLimit(1000, LongLineAction.Skip) };
        Tap dropped = fixture.Open(stage: TapStage.Dropped);

        Assert.Empty(fixture.Process(new string('a', 20_000)));

        TapRecord record = Assert.Single(TapFixture.Read(dropped));
        Assert.Equal("line_too_long", record.Reason);
        Assert.Equal(TapRecord.MaxLineBytes, record.Line.Length);
        Assert.Equal(20_000, record.LineBytes);
    }

    [Fact]
    public void Read_InvalidUtf8_IsShownAsUtf8()
    {
        var fixture = new TapFixture();
        Tap read = fixture.Open(stage: TapStage.Read);

        fixture.Process([(byte)'a', 0xFF, (byte)'b']);

        Assert.Equal("a\uFFFDb", TapFixture.LineOf(Assert.Single(TapFixture.Read(read))));
    }

    [Theory]
    [InlineData(nameof(TapStage.Read))]
    [InlineData(nameof(TapStage.Processed))]
    [InlineData(nameof(TapStage.Dropped))]
    public void AnyStage_Secret_IsShownRedactedAndNotFoundByAFilter(string stageName)
    {
        TapStage stage = Enum.Parse<TapStage>(stageName);
        ProcessingOptions options = stage == TapStage.Dropped ? Dropping("token") : TapFixture.Options();
        options.Redact = new RedactOptions { Secrets = true };
        options.Fields["key"] = "key";
        options.Fields["password"] = "other";
        var fixture = new TapFixture(options);
        Tap tap = fixture.Open(stage: stage);
        Tap searching = fixture.Open($"{{}} |= \"{SecretKinds.GitHubToken[8..]}\"", stage);
        Tap finding = fixture.Open("{} |= \"[redacted:github-token]\"", stage);

        fixture.Process($"msg=\"a token\" key={SecretKinds.GitHubToken} other=hunter2");

        TapRecord record = Assert.Single(TapFixture.Read(tap));
        AssertHides(record, SecretKinds.GitHubToken);
        Assert.Contains("[redacted:github-token]", TapFixture.LineOf(record), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", string.Join(' ', Pairs(record.Metadata).Concat(record.Changes.SelectMany(change => Pairs(change.Metadata)))), StringComparison.Ordinal);
        Assert.Empty(TapFixture.Read(searching));
        Assert.Single(TapFixture.Read(finding));
    }

    [Theory]
    [InlineData(nameof(TapStage.Read), false)]
    [InlineData(nameof(TapStage.Processed), false)]
    [InlineData(nameof(TapStage.Dropped), true)]
    [InlineData(nameof(TapStage.Read), true)]
    public void AnyStage_SecretInColors_IsShownRedacted(string stageName, bool drops)
    {
        TapStage stage = Enum.Parse<TapStage>(stageName);
        ProcessingOptions options = drops ? Dropping("token") : TapFixture.Options();
        options.Redact = new RedactOptions { Secrets = true };
        options.Ansi = AnsiAction.Strip;
        var fixture = new TapFixture(options);
        Tap tap = fixture.Open(stage: stage);
        string secret = SecretKinds.GitHubToken;

        fixture.Process($"a token \u001b[1m{secret[..20]}\u001b[0m{secret[20..]} password=\u001b[31mhunter2hunter\u001b[0m");

        TapRecord record = Assert.Single(TapFixture.Read(tap));
        AssertHides(record, secret);
        AssertHides(record, secret[..20]);
        AssertHides(record, secret[20..]);
        AssertHides(record, "hunter2hunter");
    }

    [Fact]
    public void Excluded_SecretInColors_IsShownRedacted()
    {
        ProcessingOptions options = TapFixture.Options();
        options.Redact = new RedactOptions { Secrets = true };
        options.Ansi = AnsiAction.Strip;
        var fixture = new TapFixture(options, LogOutput.Stdout);
        Tap dropped = fixture.Open(stage: TapStage.Dropped);
        string secret = SecretKinds.GitHubToken;

        fixture.Process($"a token \u001b[1m{secret[..20]}\u001b[0m{secret[20..]} .");

        TapRecord record = Assert.Single(TapFixture.Read(dropped));
        AssertHides(record, secret[..20]);
        AssertHides(record, secret[20..]);
    }

    [Theory]
    [InlineData("BEGIN")]
    [InlineData("MII")]
    [InlineData("nothing")]
    public void AnyStage_PrivateKeyOverSeveralRecords_IsShownRedacted(string dropped)
    {
        ProcessingOptions options = Dropping(dropped);
        options.Redact = new RedactOptions { Secrets = true };
        var fixture = new TapFixture(options);
        Tap[] taps = [.. Enum.GetValues<TapStage>().Select(stage => fixture.Open(stage: stage))];

        fixture.Process([.. SecretKinds.PrivateKey("\n").Split('\n'), "behind it"]);

        TapRecord[] records = [.. taps.SelectMany(TapFixture.Read)];
        Assert.NotEmpty(records);
        Assert.All(records, record =>
        {
            AssertHides(record, SecretKinds.PrivateKeyBody);
            AssertHides(record, SecretKinds.PrivateKeyEnd);
        });
        Assert.Contains(records, record => TapFixture.LineOf(record) == "behind it");
    }

    /// <summary>Whatever the rules are, the records, memories and counts are those without a tap, and no tap shows a secret.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TryRun_AnyRules_ChangesNothingAndShowsNoSecret(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 40; round++)
        {
            ProcessingOptions options = RandomRules(random);
            LogOutput? excluded = random.Next(8) == 0 ? LogOutput.Stderr : null;
            var fixture = new TapFixture(options, excluded) { Limit = new LineLimit(random.Next(2) == 0 ? 512 : TapFixture.MaxLineBytes, random.Next(3) == 0 ? LongLineAction.Skip : LongLineAction.Truncate) };
            var expected = new RecordPipeline(TapFixture.MaxLineBytes);
            expected.Context.Memory.Bind(fixture.Attributes.Rules.LimitNames);
            string secret = SecretKinds.Tokens.ElementAt(random.Next(SecretKinds.Tokens.Count())).Data.Item2;
            Tap?[] taps = new Tap?[TapRegistry.MaxTaps];
            var shown = new List<TapRecord>();
            byte[][] lines = [.. RandomLines(random, secret)];
            for (int start = 0; start < lines.Length; start += 10)
            {
                int changed = random.Next(taps.Length);
                taps[changed]?.Dispose();
                taps[changed] = random.Next(4) == 0 ? null : fixture.Open(random.Next(4) switch { 0 => "{} |= \"e\"", 1 => "{} !~ \"[xyz]\"", _ => "" }, (TapStage)random.Next(3));
                CompareTurn(fixture, expected, lines.AsSpan(start, Math.Min(10, lines.Length - start)), start, random);
                shown.AddRange(taps.OfType<Tap>().SelectMany(TapFixture.Read));
            }

            Assert.NotEmpty(shown);
            if (options.Redact.Secrets)
            {
                Assert.All(shown, record =>
                {
                    AssertHides(record, secret);
                    AssertHides(record, SecretKinds.PrivateKeyBody);
                });
            }
        }
    }

    private static void CompareTurn(TapFixture fixture, RecordPipeline expected, ReadOnlySpan<byte[]> lines, int start, Random random)
    {
        StreamRules rules = fixture.Attributes.Rules;
        fixture.Sut.Begin(fixture.Attributes);
        for (int i = 0; i < lines.Length; i++)
        {
            // A key is known by the lines before it, which are in the same output.
            bool isKey = SecretKinds.PrivateKey("\n").Contains(Encoding.UTF8.GetString(lines[i]), StringComparison.Ordinal);
            LogOutput output = isKey ? LogOutput.Stdout : (LogOutput)random.Next(2);
            RecordDraft first = TapFixture.DraftOf(lines[i], start + i, fixture.Attributes, output);
            first.Length += random.Next(20) == 0 && !isKey ? 100 : 0;
            first.IsRemainder = random.Next(30) == 0 && !isKey;
            RecordDraft second = first;
            bool isSent = expected.TryRun(rules, fixture.Limit, ref first, out LogRecord record, out string? dropped);
            bool isSentTapped = fixture.Sut.TryRun(rules, fixture.Limit, ref second, out LogRecord tapped, out string? droppedTapped);

            Assert.Equal(isSent, isSentTapped);
            Assert.Equal(dropped, droppedTapped);
            Assert.Equal(first.Level, second.Level);
            Assert.True(record.Line.SequenceEqual(tapped.Line), "the line differs");
            Assert.True(record.Metadata.SequenceEqual(tapped.Metadata), "the metadata differs");
            Assert.Equal(record.TruncatedBytes, tapped.TruncatedBytes);
            Assert.Equal(record.TimestampNs, tapped.TimestampNs);
        }

        fixture.Sut.End();
        Assert.Equal(expected.Context.Counts, fixture.Context.Counts);
        Assert.Equal(expected.Context.HeldBackUntilNs, fixture.Context.HeldBackUntilNs);
        Assert.Equal(Written(expected.Context.Memory), Written(fixture.Context.Memory));
        fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
    }

    private static byte[] Written(StageMemory memory)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        memory.Write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static ProcessingOptions RandomRules(Random random)
    {
        ProcessingOptions options = TapFixture.Options();
        options.Ansi = (AnsiAction)random.Next(2);
        options.Level = (DetectMode)random.Next(2);
        options.Trace = (DetectMode)random.Next(2);
        options.Redact = random.Next(4) switch
        {
            0 => new RedactOptions(),
            1 => Redaction.Everything,
            _ => Redaction.Secrets,
        };
        if (random.Next(2) == 0)
        {
            options.Fields["key"] = "key";
            options.Fields["message"] = "msg";
        }

        string[] words = ["info", "GET", "order", "key", "PRIVATE", "MII", "x"];
        for (int i = random.Next(4); i > 0; i--)
        {
            options.Rules.Add(new RuleOptions
            {
                Name = $"rule {i}",
                When = new WhenOptions { Text = new TextOptions { Contains = [words[random.Next(words.Length)]] } },
                Do = random.Next(3) switch { 0 => new RuleAction(RuleActionKind.Keep), 1 => new RuleAction(RuleActionKind.Sample, 3), _ => new RuleAction(RuleActionKind.Drop) },
            });
        }

        for (int i = random.Next(3); i > 0; i--)
        {
            options.Limits.Add(new LimitOptions { Name = $"limit {i}", Lines = 1 + random.Next(3), Bytes = random.Next(2) * 300, Burst = TimeSpan.FromSeconds(2), Over = (OverLimit)random.Next(3) });
        }

        return options;
    }

    private static IEnumerable<byte[]> RandomLines(Random random, string secret)
    {
        var ordinary = new OrdinaryLines(random.Next());
        for (int i = 0; i < 120; i++)
        {
            string line = ordinary.Next(random.Next(OrdinaryLines.Formats));
            switch (random.Next(8))
            {
                case 0:
                    yield return Encoding.UTF8.GetBytes($"key={secret} {line}");
                    break;
                case 1:
                    yield return Encoding.UTF8.GetBytes($"{{\"key\":\"{secret}\",\"msg\":\"\\u0061 {secret} \\n\"}}");
                    break;
                case 2:
                    yield return Encoding.UTF8.GetBytes($"\u001b[32mINFO\u001b[0m \u001b[1m{secret}\u001b[0m {line}");
                    break;
                case 3:
                    byte[] noise = new byte[random.Next(1000)];
                    random.NextBytes(noise);
                    yield return noise;
                    break;
                case 4 when random.Next(3) == 0:
                    foreach (string part in SecretKinds.PrivateKey("\n").Split('\n'))
                    {
                        yield return Encoding.UTF8.GetBytes(part);
                    }

                    break;
                default:
                    yield return Encoding.UTF8.GetBytes(line);
                    break;
            }
        }
    }

    private static ProcessingOptions Dropping(string text)
    {
        ProcessingOptions options = TapFixture.Options();
        options.Rules.Add(new RuleOptions { Name = "dropped it", When = new WhenOptions { Text = new TextOptions { Contains = [text] } } });
        return options;
    }

    private static void AssertHides(TapRecord record, string secret) =>
        Assert.False(TapFixture.TextOf(record).Contains(secret, StringComparison.Ordinal), $"{record.Stage} shows {secret}: {TapFixture.TextOf(record)}");

    private static IEnumerable<string> Pairs(IEnumerable<KeyValuePair<string, string>> pairs) => pairs.Select(pair => $"{pair.Key}={pair.Value}");
}
