using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>A key with a section below it.</summary>
internal sealed class SectionKey<T, TSection>(string name, string description, Func<T, TSection> get, ConfigSection<TSection> section)
    : ConfigKey<T>(name, description)
{
    public override IEnumerable<string> FindPaths(string name) => base.FindPaths(name).Concat(section.FindPaths(name).Select(path => $"{Name}.{path}"));

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (!RefuseEmptyCondition(node, binder, path, "add a condition below it"))
        {
            section.Bind(node, get(target), binder, path);
        }
    }

    public override void Write(T source, IEmitter emitter) => section.Write(get(source), emitter);

    public override JsonObject Describe(T defaults)
    {
        JsonObject schema = section.Describe(get(defaults));
        if (IsCondition)
        {
            schema["minProperties"] = 1;
        }

        return schema;
    }
}
