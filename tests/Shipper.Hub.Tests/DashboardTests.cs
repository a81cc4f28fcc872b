using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The Grafana dashboards.</summary>
public class DashboardTests
{
    public static TheoryData<string> Names => [.. Dashboard.All().Select(dashboard => dashboard.Name)];

    [Fact]
    public void Dashboards_OfTheHub_ExistOnceEach()
    {
        string[] uids = [.. Dashboard.All().Select(dashboard => dashboard.Root["uid"]!.ToString())];

        Assert.Equal(uids.Distinct(), uids);
        Assert.Equal(["error-rate.json", "log-explorer.json", "log-volume.json", "metrics-and-logs.json", "shipper-fleet.json"], Dashboard.All().Select(dashboard => dashboard.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dashboard_Json_HasWhatGrafanaRequires(string name)
    {
        Dashboard sut = Dashboard.All().Single(dashboard => dashboard.Name == name);

        Assert.Matches("^[a-z-]{1,40}$", sut.Root["uid"]!.ToString());
        Assert.NotEmpty(sut.Root["title"]!.ToString());
        Assert.InRange(sut.Root["schemaVersion"]!.GetValue<int>(), 36, 42);
        int[] ids = [.. sut.Panels.Select(panel => panel["id"]!.GetValue<int>())];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(sut.Panels, panel => Assert.InRange(Side(panel, "x") + Side(panel, "w"), 1, 24));
        Assert.All(sut.Panels, panel => Assert.DoesNotContain(sut.Panels, other => panel != other && Overlap(panel, other)));

        static int Side(JsonObject panel, string side) => panel["gridPos"]![side]!.GetValue<int>();
        static bool Overlap(JsonObject a, JsonObject b) =>
            Side(a, "x") < Side(b, "x") + Side(b, "w") && Side(b, "x") < Side(a, "x") + Side(a, "w")
            && Side(a, "y") < Side(b, "y") + Side(b, "h") && Side(b, "y") < Side(a, "y") + Side(a, "h");
    }

    /// <summary>Each datasource and each filter is a variable of the dashboard.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Variables_InUse_AreDefined(string name)
    {
        Dashboard sut = Dashboard.All().Single(dashboard => dashboard.Name == name);
        Dictionary<string, JsonObject> variables = sut.Variables.ToDictionary(variable => variable["name"]!.ToString());

        Assert.Empty(Dashboard.NamesIn(sut.Root.ToJsonString()).Except(variables.Keys));
        Assert.All(sut.Panels.SelectMany(panel => panel["targets"]!.AsArray().Append(panel)), asked =>
        {
            string variable = Assert.Single(Dashboard.NamesIn(asked!["datasource"]!["uid"]!.ToString()));
            Assert.Equal(asked["datasource"]!["type"]!.ToString(), variables[variable]["query"]!.ToString());
        });
        // With ".*", selectors would also match streams without the label, and Loki would refuse them.
        Assert.All(variables.Values.Where(variable => variable["includeAll"]?.GetValue<bool>() == true), variable => Assert.Equal(".+", variable["allValue"]!.ToString()));
        Assert.Empty(sut.ListedLabels("loki").Except(AgentLabels.OfStreams));
    }
}
