using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>A key with a single value.</summary>
/// <param name="name">The key.</param>
/// <param name="description">One sentence that says what the key does.</param>
/// <param name="kind">The kind of value.</param>
/// <param name="get">Returns the value from the options.</param>
/// <param name="set">Sets the value in the options.</param>
internal sealed class ValueKey<T, TValue>(string name, string description, ValueKind<TValue> kind, Func<T, TValue> get, Action<T, TValue> set)
    : ConfigKey<T>(name, description)
{
    public override void Bind(ConfigNode node, T target, ConfigBinder binder, string path)
    {
        if (node is not ScalarNode scalar)
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be {kind.Expected}, not {ConfigBinder.Describe(node)}");
        }
        else if (scalar.IsNull)
        {
            binder.AddInvalidValue(path, node.At, $"{path} has no value; set it to {kind.Expected}, or remove the key");
        }
        else if (kind.TryParse(scalar.Text, out TValue value, out string? problem))
        {
            set(target, value);
        }
        else
        {
            binder.AddInvalidValue(path, node.At, $"{path} must be {problem ?? kind.Expected}, not \"{ConfigBinder.ToOneLine(kind.Mask(scalar.Text))}\"");
        }
    }

    public override void Write(T source, IEmitter emitter)
    {
        string text = YamlReader.Escape(kind.Format(get(source)));
        // Left to itself, the emitter writes some strings in a form that YAML reads as something else.
        bool isQuoted = kind.IsText && (YamlReader.IsNull(text) || text.Any(char.IsControl) || text != text.Trim());
        ScalarStyle style = isQuoted ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }

    public override JsonObject Describe(T defaults)
    {
        JsonObject schema = kind.Describe();
        schema["default"] = kind.ToJson(get(defaults));
        return schema;
    }
}
