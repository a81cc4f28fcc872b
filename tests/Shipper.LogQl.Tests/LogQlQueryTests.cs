using System.Text.Json;

namespace Shipper.LogQl.Tests;

/// <summary>Compares the checker that other tests rely on with what Loki was recorded to accept and refuse.</summary>
public class LogQlQueryTests
{
    public static TheoryData<string, bool, string> Recorded
    {
        get
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(
                Path.Combine(AppContext.BaseDirectory, "queries.json")));
            var data = new TheoryData<string, bool, string>();
            foreach (JsonElement query in recording.RootElement.GetProperty("queries").EnumerateArray())
            {
                data.Add(
                    query.GetProperty("query").GetString()!,
                    query.GetProperty("status").GetInt32() == 200,
                    query.TryGetProperty("error", out JsonElement error) ? error.GetString()! : "");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Parse_RecordedQuery_AgreesWithLoki(string query, bool isAccepted, string error)
    {
        string? problem = null;
        try
        {
            LogQlQuery.Parse(query);
        }
        catch (FormatException e)
        {
            problem = e.Message;
        }

        Assert.True(isAccepted == (problem is null), $"{query}\nLoki: {(isAccepted ? "accepts it" : error)}\nhere: {problem ?? "accepts it"}");
    }

    /// <summary>The recordings include the mistakes of older guides.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("{} [24h]")]
    [InlineData("{cluster=~\".*\"}")]
    [InlineData("up{job=\"loki\"} == 0")]
    [InlineData("sum(count_over_time({cluster=\"control-cluster\"}[1h])) by (namespace) vs sum(count_over_time({cluster=\"app-cluster\"}[1h])) by (namespace)")]
    public void Recorded_MistakeInOlderGuides_IsRefusedByLoki(string query)
    {
        Assert.False(Assert.Single(Recorded, row => row.Data.Item1 == query).Data.Item2);
    }

    [Fact]
    public void Parse_Query_ListsTheNamesItUses()
    {
        LogQlLabels labels = LogQlQuery.Parse("""
            sum by (cluster, crashing) (count_over_time({job="systemd-journal"} | level="err" | regexp `pod="(?P<crashing>[^"]+)"` [10m]))
            """).Labels;

        Assert.Equal(["job"], labels.Selected);
        Assert.Equal(["cluster", "crashing", "level"], labels.Used.Order(StringComparer.Ordinal));
        Assert.Equal(["crashing"], labels.Made);
        Assert.False(labels.AreOpen);
    }
}
