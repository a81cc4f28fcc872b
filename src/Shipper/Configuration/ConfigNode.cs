namespace Shipper.Configuration;

/// <summary>A node of a configuration file, with where it stands.</summary>
internal abstract record ConfigNode(Position At);

/// <summary>A text, number or flag; also an empty value.</summary>
/// <param name="At">Where it stands.</param>
/// <param name="Text">The text, with variables expanded.</param>
/// <param name="IsNull">True for nothing at all and for YAML's null.</param>
internal sealed record ScalarNode(Position At, string Text, bool IsNull = false) : ConfigNode(At);

/// <summary>A mapping, in the order of the file.</summary>
internal sealed record MapNode(Position At, IReadOnlyList<(ScalarNode Key, ConfigNode Value)> Entries) : ConfigNode(At);

/// <summary>A sequence.</summary>
internal sealed record ListNode(Position At, IReadOnlyList<ConfigNode> Items) : ConfigNode(At);
