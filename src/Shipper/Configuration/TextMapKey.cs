using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>A key with a mapping from names to strings.</summary>
/// <param name="name">The key.</param>
/// <param name="description">One sentence that says what the key does.</param>
/// <param name="get">Returns the mapping from the options.</param>
/// <param name="check">Returns what is wrong with a name and its string; null if both are valid.</param>
/// <param name="isSecret">True if the strings must not be shown.</param>
internal sealed class TextMapKey<T>(string name, string description, Func<T, Dictionary<string, string>> get, Func<string, string, string?> check, bool isSecret = false)
    : ConfigKey<T>(name, description)
{
    private const string Secret = "***";

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (RefuseEmptyCondition(node, binder, path, "name at least one value") || node is ScalarNode { IsNull: true })
        {
            return;
        }

        if (node is not MapNode map)
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be a mapping, not {ConfigBinder.Describe(node)}; write {{NAME: VALUE}}");
            return;
        }

        foreach ((ScalarNode key, ConfigNode value) in map.Entries)
        {
            binder.SetLocation($"{path}.{key.Text}", key.At);
            if (value is not ScalarNode { IsNull: false } scalar)
            {
                binder.AddInvalidValue($"{path}.{key.Text}", value.At, $"{path}.{ConfigBinder.ToOneLine(key.Text)} must be a string, not {ConfigBinder.Describe(value)}");
            }
            else if (Checks.OneLine(scalar.Text) is { } lines)
            {
                binder.AddInvalidValue($"{path}.{key.Text}", value.At, $"{path}.{ConfigBinder.ToOneLine(key.Text)} must be {lines}");
            }
            else if (check(key.Text, scalar.Text) is { } problem)
            {
                binder.AddInvalidValue($"{path}.{key.Text}", key.At, $"{path}.{ConfigBinder.ToOneLine(key.Text)}: {problem}");
            }
            else if (!get(target).TryAdd(key.Text, scalar.Text))
            {
                binder.AddInvalidValue($"{path}.{key.Text}", key.At, $"{path}.{ConfigBinder.ToOneLine(key.Text)} is set twice, with different capitalization; remove one of them");
            }
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        Dictionary<string, string> texts = get(source);
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, texts.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
        foreach ((string key, string text) in texts)
        {
            emitter.Emit(new Scalar(key));
            emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, isSecret ? Secret : YamlReader.Escape(text), ScalarStyle.DoubleQuoted, true, true));
        }

        emitter.Emit(new MappingEnd());
    }

    public override JsonObject Describe(T defaults)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
            ["default"] = new JsonObject(),
        };
        if (IsCondition)
        {
            schema["minProperties"] = 1;
        }

        return schema;
    }
}
