using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>A key with a list of values.</summary>
internal abstract class ListKey<T, TItem>(string name, string description, Func<T, IEnumerable<TItem>> get, Action<T, List<TItem>> set)
    : ConfigKey<T>(name, description)
{
    /// <summary>True if a single value may be written without brackets.</summary>
    public bool AllowsOne { get; init; }

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (RefuseEmptyCondition(node, binder, path, "name at least one value"))
        {
            return;
        }

        if (node is not ListNode && !(AllowsOne && node is ScalarNode { IsNull: false }))
        {
            string remedy = node is ScalarNode { Text: ['-', ..] } ? "each item as \"- ITEM\", on a line of its own"
                : node is ScalarNode { IsNull: false } text ? $"[\"{ConfigBinder.ToOneLine(text.Text)}\"]"
                : "[] for an empty list, or remove the key";
            binder.AddInvalidValue(path, node.At, $"{path} must be a list, not {ConfigBinder.Describe(node)}; write {remedy}");
            return;
        }

        var items = new List<TItem>();
        bool isValid = true;
        foreach (ConfigNode itemNode in node is ListNode list ? list.Items : [node])
        {
            if (itemNode is not ScalarNode { IsNull: false } scalar)
            {
                isValid = false;
                binder.AddInvalidValue(path, itemNode.At, $"{path} must be a list of strings, but this item is {ConfigBinder.Describe(itemNode)}");
            }
            else if (Checks.OneLine(scalar.Text) is { } lines)
            {
                isValid = false;
                binder.AddInvalidValue(path, itemNode.At, $"{path} must be {lines}, not {ConfigBinder.Describe(itemNode)}");
            }
            else if (!TryParse(scalar.Text, out TItem item, out string? problem))
            {
                isValid = false;
                binder.AddInvalidValue(path, itemNode.At, $"{path}: {ConfigBinder.Describe(itemNode)} {problem}");
            }
            else
            {
                items.Add(item);
            }
        }

        if (isValid)
        {
            set(target, items);
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        string[] texts = [.. get(source).Select(Format)];
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, texts.Length == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
        foreach (string text in texts)
        {
            emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, YamlReader.Escape(text), ScalarStyle.DoubleQuoted, true, true));
        }

        emitter.Emit(new SequenceEnd());
    }

    public override JsonObject Describe(T defaults)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = DescribeItem() };
        if (IsCondition)
        {
            list["minItems"] = 1;
        }

        JsonObject schema = list;
        if (AllowsOne)
        {
            JsonObject one = DescribeItem();
            one["title"] = "one of them";
            schema = new JsonObject { ["anyOf"] = new JsonArray(list, one) };
        }

        schema["default"] = new JsonArray([.. get(defaults).Select(item => (JsonNode)Format(item))]);
        return schema;
    }

    /// <summary>Parses an item.</summary>
    /// <param name="text">One line of text.</param>
    /// <param name="item">The item.</param>
    /// <param name="problem">What is wrong with the item, to go after it in a message; null if it is valid.</param>
    protected abstract bool TryParse(string text, out TItem item, out string? problem);

    protected abstract string Format(TItem item);

    protected abstract JsonObject DescribeItem();
}
