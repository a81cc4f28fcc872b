using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>A key with a list of strings.</summary>
internal sealed class TextListKey<T>(string name, string description, Func<T, List<string>> get, Action<T, List<string>> set, Func<string, string?>? check = null)
    : ConfigKey<T>(name, description)
{
    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (node is not ListNode list)
        {
            string remedy = node is ScalarNode { Text: ['-', ..] } ? "each item as \"- ITEM\", on a line of its own" : node is ScalarNode { IsNull: false } text ? $"[\"{ConfigBinder.ToOneLine(text.Text)}\"]" : "[] for an empty list, or remove the key";
            binder.AddInvalidValue(path, node.At, $"{path} must be a list, not {ConfigBinder.Describe(node)}; write {remedy}");
            return;
        }

        var texts = new List<string>();
        bool isValid = true;
        foreach (ConfigNode item in list.Items)
        {
            if (item is not ScalarNode { IsNull: false } scalar)
            {
                isValid = false;
                binder.AddInvalidValue(path, item.At, $"{path} must be a list of strings, but this item is {ConfigBinder.Describe(item)}");
            }
            else if (Checks.OneLine(scalar.Text) is { } lines)
            {
                isValid = false;
                binder.AddInvalidValue(path, item.At, $"{path} must be {lines}, not {ConfigBinder.Describe(item)}");
            }
            else if (check?.Invoke(scalar.Text) is { } problem)
            {
                isValid = false;
                binder.AddInvalidValue(path, item.At, $"{path}: {ConfigBinder.Describe(item)} {problem}");
            }
            else
            {
                texts.Add(scalar.Text);
            }
        }

        if (isValid)
        {
            set(target, texts);
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        List<string> texts = get(source);
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, texts.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
        texts.ForEach(text => emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, YamlReader.Escape(text), ScalarStyle.DoubleQuoted, true, true)));
        emitter.Emit(new SequenceEnd());
    }

    public override JsonObject Describe(T defaults) => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject { ["type"] = "string" },
        ["default"] = new JsonArray([.. get(defaults).Select(text => (JsonNode)text)]),
    };
}
