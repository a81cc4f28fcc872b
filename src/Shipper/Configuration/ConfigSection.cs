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
            AddMissing(node.At, [], binder, path);
            return;
        }

        if (node is not MapNode map)
        {
            string remedy = node is not ScalarNode scalar ? "write its keys without \"- \" before them"
                : keys.Any(key => scalar.Text.StartsWith(key.Name + ":", StringComparison.Ordinal)) ? "write a space after the colon"
                : $"write KEY: VALUE; known keys are {string.Join(", ", keys.Select(key => key.Name))}";
            binder.AddInvalidValue(path, node.At, $"{(path.Length == 0 ? "the configuration" : path)} must be a mapping, not {ConfigBinder.Describe(node)}; {remedy}");
            return;
        }

        bool hasUnknown = false;
        foreach ((ScalarNode keyNode, ConfigNode value) in map.Entries)
        {
            string keyPath = path.Length == 0 ? keyNode.Text : $"{path}.{keyNode.Text}";
            if (Array.Find(keys, key => key.Name == keyNode.Text) is not { } key)
            {
                hasUnknown = true;
                binder.AddUnknownKey(keyNode, path, keys.Select(known => known.Name));
                continue;
            }

            binder.SetLocation(keyPath, value is MapNode ? keyNode.At : value.At);
            key.Bind(value, target, binder, keyPath);
        }

        if (!hasUnknown)
        {
            // An unknown key may be a typo of the missing one.
            AddMissing(map.At, [.. map.Entries.Select(entry => entry.Key.Text)], binder, path);
        }
    }

    /// <summary>Returns the full names, relative to this section, of all keys with a name.</summary>
    public IEnumerable<string> FindPaths(string name) => keys.SelectMany(key => key.FindPaths(name));

    /// <summary>Writes the section with all its keys.</summary>
    public void Write(T source, IEmitter emitter)
    {
        emitter.Emit(new MappingStart());
        foreach (ConfigKey<T> key in keys.Where(key => key.IsWritten(source)))
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
            if (key.Required is not null || !key.IsWritten(defaults))
            {
                schema.Remove("default");
            }

            properties[key.Name] = schema;
        }

        var section = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        JsonNode[] required = [.. keys.Where(key => key.Required is not null).Select(key => JsonValue.Create(key.Name))];
        if (required.Length > 0)
        {
            section["required"] = new JsonArray(required);
        }

        return section;
    }

    private void AddMissing(SourceLocation at, string[] present, ConfigBinder binder, string path)
    {
        foreach (ConfigKey<T> key in keys.Where(key => key.Required is not null && !present.Contains(key.Name)))
        {
            binder.AddInvalidValue($"{path}.{key.Name}", at, $"{path}.{key.Name} is missing; {key.Required}");
        }
    }
}
