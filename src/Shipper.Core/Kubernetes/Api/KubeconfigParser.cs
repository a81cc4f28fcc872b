using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Parses YAML with the limits of a kubeconfig. The depth is limited, because the readers of the events recurse into each level. Aliases are
/// refused, because a few of them can expand to a document of gigabytes.
/// </summary>
internal sealed class KubeconfigParser(TextReader text) : IParser
{
    // 32 mappings and lists, plus the stream and the document around them.
    private const int MaxDepth = 32 + 2;

    private readonly Parser _inner = new(text);
    private int _depth;

    public ParsingEvent? Current => _inner.Current;

    /// <exception cref="YamlException">The text is not YAML, nests too deeply or has an alias.</exception>
    public bool MoveNext()
    {
        if (!_inner.MoveNext() || _inner.Current is not { } current)
        {
            return false;
        }

        _depth += current.NestingIncrease;
        return _depth > MaxDepth ? throw new SemanticErrorException(current.Start, current.End, "It is nested too deeply.")
            : current is AnchorAlias ? throw new SemanticErrorException(current.Start, current.End, "It has an alias (a value that begins with *), which is not supported. Write out the value, or put it in quotes.")
            : true;
    }
}
