using System.CommandLine;
using Shipper.Client;

namespace Shipper.Commands;

/// <summary>The option <c>--address URL</c> of the commands that ask a running agent.</summary>
internal static class AddressOption
{
    public static Option<Uri> Create() => new("--address", "-a")
    {
        Description = $"Address of the agent; the default is {AgentClient.DefaultAddress}. An agent answers only the same machine.",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri(AgentClient.DefaultAddress),
        CustomParser = result =>
        {
            string text = result.Tokens is [var token, ..] ? token.Value : "";
            string url = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{(text.StartsWith(':') ? "localhost" : "")}{text}";
            if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address is { Scheme: "http" or "https", Host.Length: > 0 })
            {
                return new Uri(address, address.AbsolutePath.EndsWith('/') ? address.AbsolutePath : address.AbsolutePath + "/");
            }

            result.AddError($"\"{text}\" is no address of an agent. Write one such as {AgentClient.DefaultAddress}.");
            return null!;
        },
    };
}
