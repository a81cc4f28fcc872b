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

    /// <summary>What to write if the key is missing, for a message; null if the key has a default.</summary>
    public string? Required { get; init; }

    /// <summary>Tells whether the options have a value for the key; null if they always have one.</summary>
    public Predicate<T>? HasValue { get; init; }

    /// <summary>True if <see cref="Write"/> has something to write.</summary>
    public virtual bool IsWritten(T source) => HasValue?.Invoke(source) ?? true;

    /// <summary>Returns the full names of all keys with a name, among this key and the keys below it.</summary>
    public virtual IEnumerable<string> FindPaths(string name) => Name == name ? [Name] : [];

    /// <summary>Reads the value into the options.</summary>
    public abstract void Bind(ConfigNode node, T target, ConfigBinder binder, string path);

    /// <summary>Writes the value as YAML, even if it is the default. Call only if <see cref="IsWritten"/>.</summary>
    public abstract void Write(T source, IEmitter emitter);

    /// <summary>Describes the value as JSON Schema.</summary>
    /// <param name="defaults">The options without any configuration.</param>
    public abstract JsonObject Describe(T defaults);
}
