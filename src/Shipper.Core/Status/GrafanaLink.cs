using System.Text.Encodings.Web;

namespace Shipper.Status;

/// <summary>
/// Links to Grafana's Explore. Source of the format: https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#share-explore-urls.
/// </summary>
internal static class GrafanaLink
{
    /// <summary>The uid of the data source, as in this project's own configuration of Grafana.</summary>
    private const string DataSource = "loki";

    /// <summary>Returns the address of a query over the last hour; empty if Grafana's address is not configured.</summary>
    /// <param name="grafana">Address of Grafana; empty if it is not configured.</param>
    /// <param name="selector">The query.</param>
    public static string Create(string grafana, string selector)
    {
        if (grafana.Length == 0)
        {
            return "";
        }

        string query = JavaScriptEncoder.Default.Encode(selector);
        string source = "\"" + DataSource + "\"";
        string panes = "{\"a\":{\"datasource\":" + source + ",\"queries\":[{\"refId\":\"A\",\"expr\":\"" + query + "\",\"datasource\":{\"type\":\"loki\",\"uid\":" + source
            + "}}],\"range\":{\"from\":\"now-1h\",\"to\":\"now\"}}}";
        return $"{grafana.TrimEnd('/')}/explore?schemaVersion=1&panes={Uri.EscapeDataString(panes)}&orgId=1";
    }
}
