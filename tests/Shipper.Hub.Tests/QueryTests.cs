using Shipper.LogQl;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The hub's queries to Loki are valid LogQL, and use only names that the agent sends.</summary>
public class QueryTests
{
    public static TheoryData<string, string> Queries => [.. HubQuery.OfLoki().Select(query => (query.Where, query.Text))];

    [Theory]
    [MemberData(nameof(Queries))]
    public void Query_OfTheHub_IsValidAndUsesOnlyNamesThatAreSent(string where, string text)
    {
        LogQlLabels labels = LogQlQuery.Parse(text).Labels;

        string[] unknown =
        [
            .. labels.Selected.Except(AgentLabels.OfStreams).Except(AgentLabels.OfLoki),
            .. labels.AreOpen ? [] : labels.Used.Except([.. AgentLabels.OfStreams, .. AgentLabels.OfRecords, .. AgentLabels.OfLoki, .. labels.Made]),
        ];
        Assert.True(unknown.Length == 0, $"{where} uses {string.Join(", ", unknown)}, which the agent does not send: {text}");
    }

    [Theory]
    [InlineData("""{cluster="a", app="b"}""")]
    [InlineData("""{cluster="a"} | detectedlevel="error" """)]
    [InlineData("""sum by (cluster, host) (rate({cluster="a"}[5m]))""")]
    [InlineData("""{cluster="a"} | regexp "(?P<user>.+)" | usr="x" """)]
    [InlineData("""{cluster=~".*"}""")]
    public void Query_WithAMistake_FailsTheTest(string text) =>
        Assert.ThrowsAny<Exception>(() => Query_OfTheHub_IsValidAndUsesOnlyNamesThatAreSent("here", text));

    [Fact]
    public void Queries_OfTheHub_ComeFromAllFiles()
    {
        string[] places = [.. HubQuery.OfLoki().Select(query => query.Where.Split(':')[0])];

        Assert.True(places.Count(place => place == "queries.logql") > 30);
        Assert.Contains("loki-alerts.yaml", places);
        Assert.Contains("loki-recording.yaml", places);
        Assert.Contains("log-explorer.json", places);
    }
}
