using System.Text.Json;
using Shipper.Status;

namespace Shipper.Core.Tests.Status;

public class GrafanaLinkTests
{
    [Fact]
    public void Create_NoAddress_IsEmpty() => Assert.Equal("", GrafanaLink.Create("", "{pod=\"a\"}"));

    [Theory]
    [InlineData("{pod=\"a\"}")]
    [InlineData("{filename=\"/var/log/\\\"x\\\" & <y>.log\"}")]
    public void Create_Selector_IsTheQueryOfThePane(string selector)
    {
        var address = new Uri(GrafanaLink.Create("https://grafana.example.com/sub/", selector));

        Assert.Equal("/sub/explore", address.AbsolutePath);
        string panes = address.Query.TrimStart('?').Split('&').Single(part => part.StartsWith("panes=", StringComparison.Ordinal))["panes=".Length..];
        using var json = JsonDocument.Parse(Uri.UnescapeDataString(panes));
        JsonElement pane = json.RootElement.GetProperty("a");
        Assert.Equal(selector, pane.GetProperty("queries")[0].GetProperty("expr").GetString());
        Assert.Equal("loki", pane.GetProperty("datasource").GetString());
    }
}
