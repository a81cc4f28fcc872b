using Shipper.Processing.Redaction;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses <c>secrets,cards,emails,ips,ibans</c>, or a part of this list.</summary>
internal static class RedactValue
{
    private const string Secrets = "secrets";

    public static OutputWishes? Parse(string value, string rule, out string problem)
    {
        problem = "must be a list with commas of secrets, cards, emails, ips, ibans";
        string[] names = value.Split(',', StringSplitOptions.TrimEntries);
        string[] kinds = [.. names.Where(name => name != Secrets)];
        PersonalData? personal = kinds.Length == 0 ? PersonalData.None : WishValue.ParseFlags<PersonalData>(string.Join(',', kinds));
        return personal is null ? null : new OutputWishes { Redaction = new WishedRedaction(kinds.Length < names.Length, personal.Value, new()) };
    }
}
