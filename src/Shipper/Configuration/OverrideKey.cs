using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>A key that replaces a key of another section for a part of the logs.</summary>
/// <param name="key">The key of the other section.</param>
/// <param name="description">One sentence that says what the key does.</param>
/// <param name="get">Returns options of the other section with the value; null if the key is not set.</param>
/// <param name="copy">Copies the value from options of the other section.</param>
internal sealed class OverrideKey<T, TReplaced>(ConfigKey<TReplaced> key, string description, Func<T, TReplaced?> get, Action<TReplaced, T> copy)
    : ConfigKey<T>(key.Name, description)
    where TReplaced : class, new()
{
    public override bool IsWritten(T source) => get(source) is not null;

    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        var options = new TReplaced();
        key.Bind(node, options, binder, path);
        if (node is not ScalarNode { IsNull: true })
        {
            copy(options, target);
        }
    }

    public override void Write(T source, IEmitter emitter) => key.Write(get(source)!, emitter);

    public override JsonObject Describe(T defaults) => key.Describe(new TReplaced());
}
