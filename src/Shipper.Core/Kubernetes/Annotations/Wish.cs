using Shipper.Records;

namespace Shipper.Kubernetes.Annotations;

/// <summary>What one annotation asks for.</summary>
/// <param name="Source">The agent that the annotation belongs to.</param>
/// <param name="Output">The output that it concerns; null for both.</param>
/// <param name="Container">The container that it concerns; empty for all.</param>
/// <param name="Asked">The wish: one property is set.</param>
internal sealed record Wish(WishSource Source, LogOutput? Output, string Container, OutputWishes Asked)
{
    /// <summary>True for a wish that takes precedence over an equally exact one: of <c>multiline</c> and <c>multiline-start</c>, the second.</summary>
    public bool IsPreferred { get; init; }

    /// <summary>How exactly the annotation says what it concerns. The higher number takes precedence; a container counts more than an output.</summary>
    public int Exactness => (Container.Length > 0 ? 4 : 0) + (Output is not null ? 2 : 0) + (IsPreferred ? 1 : 0);

    /// <summary>True if the wish concerns an output of a container.</summary>
    public bool Concerns(string container, LogOutput output) =>
        (Output is null || Output == output) && (Container.Length == 0 || Container == container);
}
