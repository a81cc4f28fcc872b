using System.CommandLine;
using System.CommandLine.Parsing;

namespace Shipper.Commands;

/// <summary>The option <c>--address URL</c> of the commands that ask a running agent.</summary>
internal static class AgentOption
{
    private const string Default = "http://localhost:2020";

    public static Option<Uri> Create() => new("--address", "-a")
    {
        Description = "Address of the agent, such as localhost:2020 after kubectl port-forward.",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri(Default),
        CustomParser = Parse,
    };

    /// <summary>Creates an option with a fixed set of words.</summary>
    public static Option<string> CreateChoice(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words), DefaultValueFactory = _ => words[0] };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !words.Contains(result.Tokens[0].Value))
            {
                result.AddError($"{name} must be {string.Join(", ", words[..^1])} or {words[^1]}, not \"{result.Tokens[0].Value}\".");
            }
        });
        return option;
    }

    private static Uri? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string url = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.Host.Length > 0)
        {
            return address;
        }

        result.AddError($"\"{text}\" is not an address; write one such as http://localhost:2020 or localhost:2020.");
        return null;
    }
}
