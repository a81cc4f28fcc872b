using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// A YAML document as mappings, lists and strings. From the parser's events: the serializer would need reflection.
/// </summary>
internal static class YamlTree
{
    private const int MaxDepth = 32;

    /// <summary>Reads the first document.</summary>
    /// <exception cref="YamlException">It is no YAML, or nests too deeply.</exception>
    public static object Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return "";
        }

        return ReadNode(parser, 0);
    }

    private static object ReadNode(Parser parser, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException("nested too deeply");
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            var mapping = new Dictionary<string, object>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                string key = parser.Consume<Scalar>().Value;
                mapping[key] = ReadNode(parser, depth + 1);
            }

            return mapping;
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new List<object>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(ReadNode(parser, depth + 1));
            }

            return list;
        }

        var scalar = parser.Consume<Scalar>();
        return scalar.IsPlainImplicit && scalar.Value is "null" or "~" ? "" : scalar.Value;
    }
}
