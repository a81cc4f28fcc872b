using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>The keys of a section, in display order.</summary>
/// <typeparam name="T">The options that the section fills.</typeparam>
internal sealed class ConfigSection<T>(params ConfigKey<T>[] keys)
{
    /// <summary>Reads a section. The binder receives the problems; all other keys are still read.</summary>
    public void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (node is ScalarNode { IsNull: true })
        {
            return;
        }

        if (node is not MapNode map)
        {
            string remedy = node is not ScalarNode scalar ? "write its keys without \"- \" before them"
                : keys.Any(key => scalar.Text.StartsWith(key.Name + ":", StringComparison.Ordinal)) ? "write a space after the colon"
                : $"write KEY: VALUE; known keys are {string.Join(", ", keys.Select(key => key.Name))}";
            binder.Add(node.At, $"{(path.Length == 0 ? "the configuration" : path)} must be a mapping, not {ConfigBinder.Describe(node)}; {remedy}");
            return;
        }

        foreach ((ScalarNode keyNode, ConfigNode value) in map.Entries)
        {
            string keyPath = path.Length == 0 ? keyNode.Text : $"{path}.{keyNode.Text}";
            if (Array.Find(keys, key => key.Name == keyNode.Text) is not { } key)
            {
                binder.AddUnknownKey(keyNode, path, keys.Select(known => known.Name));
                continue;
            }

            binder.SetLocation(keyPath, value is MapNode ? keyNode.At : value.At);
            key.Bind(value, target, binder, keyPath);
        }
    }

    /// <summary>Returns the full names, relative to this section, of all keys with a name.</summary>
    public IEnumerable<string> FindPaths(string name) => keys.SelectMany(key => key.FindPaths(name));

    /// <summary>Writes the section with all its keys.</summary>
    public void Write(T source, IEmitter emitter)
    {
        emitter.Emit(new MappingStart());
        foreach (ConfigKey<T> key in keys)
        {
            emitter.Emit(new Scalar(key.Name));
            key.Write(source, emitter);
        }

        emitter.Emit(new MappingEnd());
    }

    /// <summary>Describes the section as JSON Schema.</summary>
    public JsonObject Describe(T defaults)
    {
        var properties = new JsonObject();
        foreach (ConfigKey<T> key in keys)
        {
            JsonObject schema = key.Describe(defaults);
            schema.Insert(0, "description", key.Description);
            properties[key.Name] = schema;
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }
}
