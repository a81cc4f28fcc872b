using System.Text.Json;

namespace Shipper.LogQl.Tests;

/// <summary>What Loki takes and refuses, recorded, against the checker that the other tests rely on.</summary>
public class LogQlTests
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
    public void Parse_RecordedQuery_AgreesWithLoki(string query, bool isTaken, string error)
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

        Assert.True(isTaken == (problem is null), $"{query}\nLoki: {(isTaken ? "takes it" : error)}\nhere: {problem ?? "takes it"}");
    }

    /// <summary>The mistakes of older guides are among what Loki was asked.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("{} [24h]")]
    [InlineData("{cluster=~\".*\"}")]
    [InlineData("up{job=\"loki\"} == 0")]
    [InlineData("sum(count_over_time({cluster=\"control-cluster\"}[1h])) by (namespace) vs sum(count_over_time({cluster=\"app-cluster\"}[1h])) by (namespace)")]
    public void Recorded_MistakeOfOlderGuides_IsRefused(string query)
    {
        Assert.False(Assert.Single(Recorded, row => row.Data.Item1 == query).Data.Item2);
    }

    [Fact]
    public void Parse_Query_TellsTheNamesItUses()
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
