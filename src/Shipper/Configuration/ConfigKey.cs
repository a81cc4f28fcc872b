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

    /// <summary>True if the key is a condition. It can't be empty: it would then hold for every record, which nobody means who writes the key.</summary>
    public bool IsCondition { get; init; }

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

    /// <summary>Adds a problem if the key is a condition and its value is empty.</summary>
    /// <param name="remedy">What to write instead.</param>
    /// <returns>True if there is a problem.</returns>
    protected bool RefuseEmptyCondition(ConfigNode node, ConfigBinder binder, string path, string remedy)
    {
        string? problem = !IsCondition ? null : node switch
        {
            ScalarNode { IsNull: true } => "has no value",
            ListNode { Items.Count: 0 } => "is an empty list",
            MapNode { Entries.Count: 0 } => "is an empty mapping",
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        binder.AddInvalidValue(path, node.At, $"{path} {problem}, so it would hold for every record; remove the key, or {remedy}");
        return true;
    }
}
