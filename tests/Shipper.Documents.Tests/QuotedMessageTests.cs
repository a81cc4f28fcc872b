using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The messages in the tables of docs/troubleshooting.md have the wording of the program that writes them.</summary>
public partial class QuotedMessageTests
{
    /// <summary>Messages that neither the program, nor the chart, nor a recorded response contains.</summary>
    private static readonly string[] Foreign =
    [
        // errno, as strerror of glibc describes it.
        "Address already in use",
        "Connection reset by peer",
        "No such file or directory",

        // getaddrinfo of glibc.
        "Name or service not known",

        // SslStream of .NET, if the server's answer is not TLS.
        "Cannot determine the frame size or a corrupted frame was received",
    ];

    private static readonly Lazy<IReadOnlyList<string>> Texts = new(ReadTexts);

    public static TheoryData<string> Quotes => [.. MessageQuote.Find(MarkdownDocument.Load(DocumentFiles.Troubleshooting))];

    [Theory]
    [MemberData(nameof(Quotes))]
    public void Quote_OnThePage_IsAMessage(string quote) => Assert.Empty(MessageQuote.FindStale(quote, Texts.Value));

    [Fact]
    public void Quotes_OnThePage_AreFound() => Assert.InRange(Quotes.Count, 40, 200);

    [Theory]
    [InlineData("Loki did not take a request of 3 records: error {…}", "Loki did not take a request of")]
    [InlineData("Another agent has held … for 60 s. Two agents must not share a state directory: …", "Two agents must not share a state directory")]
    [InlineData("unknown key \"timout\" in loki; do you mean \"timeout\"?", "do you mean")]
    public void FindStale_QuoteOfNoMessage_ReturnsItsClause(string quote, string clause) => Assert.Equal([clause], MessageQuote.FindStale(quote, Texts.Value));

    [Theory]
    [InlineData("Can't read /var/log/a 1.log: it ends too early. The agent retries at the next scan", 0)]
    [InlineData("Can't read … because it ends too early", 0)]
    [InlineData("Can't read … because it ends too late", 1)]
    public void FindStale_MessageWithinAnother_IsRecognized(string quote, int stale)
    {
        string[] texts = [$"Can't read {StringLiterals.Hole} because it{StringLiterals.Hole}", "ends too early", "it ends too early", "The agent retries at the next scan"];

        Assert.Equal(stale, MessageQuote.FindStale(quote, texts).Count);
    }

    [Theory]
    [InlineData("""x = "a \"b\" c" + $"d {e} f" + g;""", "a \"b\" cd \uFFFC f\uFFFC")]
    [InlineData("""[LoggerMessage("{path} is {minutes:0} minutes old")] void A();""", "\uFFFC is \uFFFC minutes old")]
    [InlineData("""f($"a {(b ? "c" : "d")} {{e f}}");""", "a \uFFFC {e f}|c|d")]
    [InlineData("""f(/* "b" */ '"', "c", '\'', "d"u8); // "a" """, "c|d")]
    [InlineData(""""f(@"a\b ""c""", "d");"""", "a\\b \"c\"|d")]
    [InlineData("f($$\"\"\"a \"b\" {{c}} {d} \\e\"\"\");", "a \"b\" \uFFFC \uFFFC \\e")]
    public void Read_Literal_ReturnsItsText(string code, string texts) => Assert.Equal(texts.Split('|'), StringLiterals.Read(code));

    private static IReadOnlyList<string> ReadTexts()
    {
        string recordings = Path.Combine(Repository.Root, "tests/Shipper.Testing/Recordings");
        return
        [
            .. Read(Path.Combine(Repository.Root, "src"), "*.cs").SelectMany(StringLiterals.Read),
            .. Read(Path.Combine(Repository.Root, "charts/shipper/templates"), "*").Select(text => TemplateAction().Replace(text, $"{StringLiterals.Hole}")),
            .. Read(Path.Combine(recordings, "loki"), "*.json").SelectMany(text => Strings(JsonNode.Parse(text))),
            .. Read(Path.Combine(recordings, "kubernetes"), "error-*.json").SelectMany(text => Strings(JsonNode.Parse(text))),
            .. Foreign,
        ];
    }

    private static IEnumerable<string> Read(string directory, string pattern) =>
        Directory.EnumerateFiles(directory, pattern, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(directory, file).Split('/').Any(part => part is "bin" or "obj")).Select(File.ReadAllText);

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject section => section.SelectMany(key => Strings(key.Value)),
        JsonArray list => list.SelectMany(Strings),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    /// <summary>Matches a placeholder of printf in a template.</summary>
    [GeneratedRegex("%[a-z]")]
    private static partial Regex TemplateAction();
}
