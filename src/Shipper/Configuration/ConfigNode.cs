namespace Shipper.Configuration;

/// <summary>A node of a configuration file, with its location.</summary>
internal abstract record ConfigNode(SourceLocation At);

/// <summary>A text, number or flag, or an empty value.</summary>
/// <param name="Text">The text, with variables expanded.</param>
/// <param name="IsNull">True for an empty value and for YAML's null.</param>
internal sealed record ScalarNode(SourceLocation At, string Text, bool IsNull = false) : ConfigNode(At);

/// <summary>A mapping, in the order of the file.</summary>
internal sealed record MapNode(SourceLocation At, IReadOnlyList<(ScalarNode Key, ConfigNode Value)> Entries) : ConfigNode(At);

/// <summary>A sequence.</summary>
internal sealed record ListNode(SourceLocation At, IReadOnlyList<ConfigNode> Items) : ConfigNode(At);
