using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Shipper.Configuration;

/// <summary>The URL of an HTTP server.</summary>
internal sealed partial class UrlKind : ValueKind<Uri>
{
    public override string Expected => "an address such as http://loki:3100 or https://loki.example.com";

    public override bool IsText => true;

    public override bool TryParse(string text, out Uri value, out string? problem)
    {
        problem = null;
        value = null!;
        if (Checks.OneLine(text) is not null || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            return false;
        }

        value = url;
        problem = url.UserInfo.Length > 0 ? "an address without credentials (they go into loki.basicAuth)"
            : url.Fragment.Length > 0 || url.Query.Length > 0 ? "an address without ? and #"
            : null;
        return problem is null;
    }

    public override string Format(Uri value) => value.OriginalString;

    public override string Mask(string text) => Secrets().Replace(text, "***");

    public override JsonObject Describe() =>
        JsonSchemas.AllowVariable(new JsonObject { ["title"] = "address", ["type"] = "string", ["pattern"] = "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@][^?#@]*$" });

    // Credentials, and everything after ? or #.
    [GeneratedRegex(@"(?<=//)[^?#]*(?=@)|^(?!\w+://)[^?#]*(?=@)|(?<=[?#]).+")]
    private static partial Regex Secrets();
}
