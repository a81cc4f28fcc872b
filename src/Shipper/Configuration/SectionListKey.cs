using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>A key with a list of sections.</summary>
/// <param name="maxItems">Maximum number of sections.</param>
internal sealed class SectionListKey<T, TSection>(string name, string description, Func<T, List<TSection>> get, ConfigSection<TSection> section, int maxItems = int.MaxValue)
    : ConfigKey<T>(name, description)
    where TSection : new()
{
    public override IEnumerable<string> FindPaths(string name) => base.FindPaths(name).Concat(section.FindPaths(name).Select(path => $"{Name}[].{path}"));

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (node is ScalarNode { IsNull: true })
        {
            if (Required is not null)
            {
                binder.AddInvalidValue(path, node.At, $"{path} has no value; {Required}");
            }

            return;
        }

        if (node is not ListNode list)
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be a list, not {ConfigBinder.Describe(node)}; begin each entry with \"- \"");
            return;
        }

        if (list.Items.Count > maxItems)
        {
            binder.AddInvalidValue(path, node.At, $"{path} has {list.Items.Count} entries, but at most {maxItems} are allowed; remove some");
            return;
        }

        for (int i = 0; i < list.Items.Count; i++)
        {
            var item = new TSection();
            string itemPath = $"{path}[{i}]";
            binder.SetLocation(itemPath, list.Items[i].At);
            section.Bind(list.Items[i], item, binder, itemPath);
            get(target).Add(item);
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        List<TSection> items = get(source);
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
        items.ForEach(item => section.Write(item, emitter));
        emitter.Emit(new SequenceEnd());
    }

    public override JsonObject Describe(T defaults)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = section.Describe(new TSection()) };
        if (maxItems < int.MaxValue)
        {
            schema["maxItems"] = maxItems;
        }

        schema["default"] = new JsonArray();
        return schema;
    }
}
