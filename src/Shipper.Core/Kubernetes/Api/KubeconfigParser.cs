using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Parses YAML that is as simple as a kubeconfig. Its depth is limited, because the readers of its events recurse into each level.
/// Aliases are refused, because a few of them can make a document of gigabytes.
/// </summary>
internal sealed class KubeconfigParser(TextReader text) : IParser
{
    // 32 mappings and lists, and the stream and the document around them.
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
            : current is AnchorAlias ? throw new SemanticErrorException(current.Start, current.End, "There is an alias, which begins with *; write the value itself, or put quotes around it.")
            : true;
    }
}
