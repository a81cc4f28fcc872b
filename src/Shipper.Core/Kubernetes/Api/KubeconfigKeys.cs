using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads the keys of a kubeconfig that KubernetesClient does not read: <c>tokenFile</c> of a user and <c>proxy-url</c> of a cluster.</summary>
internal sealed class KubeconfigKeys
{
    private readonly YamlMappingNode _root;

    private KubeconfigKeys(YamlMappingNode root) => _root = root;

    /// <summary>Reads the first document of a YAML text.</summary>
    /// <returns>Null if the document is not a mapping, or if there is none.</returns>
    /// <exception cref="YamlException">The text is not YAML, is nested too deeply or has an alias.</exception>
    public static KubeconfigKeys? Read(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new KubeconfigParser(new StringReader(text)));
        return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] ? new KubeconfigKeys(root) : null;
    }

    /// <summary>Returns the path of the file with a user's token; empty if there is none.</summary>
    public string FindTokenFile(string user) => Find("users", user, "user", "tokenFile");

    /// <summary>Returns the address of a cluster's proxy; empty if there is none.</summary>
    public string FindProxyUrl(string cluster) => Find("clusters", cluster, "cluster", "proxy-url");

    private string Find(string list, string name, string singular, string key)
    {
        IEnumerable<YamlMappingNode> entries = (Get(_root, list) as YamlSequenceNode)?.Children.OfType<YamlMappingNode>() ?? [];
        return entries.FirstOrDefault(entry => ToText(Get(entry, "name")) == name) is { } found && Get(found, singular) is YamlMappingNode values
            ? ToText(Get(values, key))
            : "";
    }

    private static YamlNode? Get(YamlMappingNode mapping, string key) => mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? value : null;

    private static string ToText(YamlNode? node) =>
        node is YamlScalarNode { Value: { } value } scalar && !(scalar.Style == ScalarStyle.Plain && value is "null" or "~") ? value : "";
}
