namespace Shipper.Kubernetes.Annotations;

/// <summary>Text to remove from records.</summary>
/// <param name="Name">What it matches becomes <c>[redacted:NAME]</c>. At most 64 letters, digits and <c>_.-</c>.</param>
/// <param name="Pattern">A regex that <see cref="PatternSyntax"/> accepts.</param>
internal sealed record WishedPattern(string Name, string Pattern);
