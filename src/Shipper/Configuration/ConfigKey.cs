using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>
/// One key of a section: how it is read, written and described. The only place that knows it; reference, schema and
/// effective configuration are made from it.
/// </summary>
/// <typeparam name="T">The options that it belongs to.</typeparam>
internal abstract class ConfigKey<T>(string name, string description)
{
    public string Name { get; } = name;

    /// <summary>What it does, in one sentence.</summary>
    public string Description { get; } = description;

    /// <summary>Whole names of all keys of a name, of this one and of those below it.</summary>
    public virtual IEnumerable<string> FindPaths(string name) => Name == name ? [Name] : [];

    /// <summary>Reads the value into the options.</summary>
    public abstract void Bind(ConfigNode node, T target, ConfigBinder binder, string path);

    /// <summary>Writes the value, defaults and all, as YAML.</summary>
    public abstract void Write(T source, IEmitter emitter);

    /// <summary>Describes the value as JSON Schema.</summary>
    /// <param name="defaults">Options as they are without a configuration.</param>
    public abstract JsonObject Describe(T defaults);
}
