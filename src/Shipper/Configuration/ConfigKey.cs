using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>
/// One key of a section: how it is read, written and described. The reference, the schema and the effective configuration
/// are all generated from this definition.
/// </summary>
/// <typeparam name="T">The options that the key belongs to.</typeparam>
internal abstract class ConfigKey<T>(string name, string description)
{
    public string Name { get; } = name;

    /// <summary>One sentence that says what the key does, for the reference and the schema.</summary>
    public string Description { get; } = description;

    /// <summary>Returns the full names of all keys with a name, among this key and the keys below it.</summary>
    public virtual IEnumerable<string> FindPaths(string name) => Name == name ? [Name] : [];

    /// <summary>Reads the value into the options.</summary>
    public abstract void Bind(ConfigNode node, T target, ConfigBinder binder, string path);

    /// <summary>Writes the value as YAML, even if it is the default.</summary>
    public abstract void Write(T source, IEmitter emitter);

    /// <summary>Describes the value as JSON Schema.</summary>
    /// <param name="defaults">The options without any configuration.</param>
    public abstract JsonObject Describe(T defaults);
}
