using Shipper.Records;

namespace Shipper.Kubernetes.Annotations;

/// <summary>What the annotations of one pod or namespace ask for. Immutable, and shared by objects with the same annotations.</summary>
/// <param name="hash">SHA-256 of all that the set was derived from, so that sets are compared without keeping the annotations.</param>
/// <param name="wishes">The wishes, one for each annotation that is obeyed.</param>
/// <param name="errors">The annotations that are not obeyed.</param>
internal sealed class AnnotationSet(string hash, Wish[] wishes, AnnotationError[] errors) : IEquatable<AnnotationSet>
{
    private static readonly WishSource[] Sources = Enum.GetValues<WishSource>();

    /// <summary>The set of an object that has no annotation which the agent knows: nearly all of them.</summary>
    public static AnnotationSet Empty { get; } = new("", [], []);

    /// <summary>The annotations that are not obeyed.</summary>
    public IReadOnlyList<AnnotationError> Errors => errors;

    /// <summary>Returns the wishes for a container.</summary>
    /// <param name="container">The container's name. For an unknown container, the wishes that name no container are returned.</param>
    public ContainerWishes For(string container) =>
        wishes.Length == 0 ? ContainerWishes.None : new ContainerWishes(For(container, LogOutput.Stdout), For(container, LogOutput.Stderr));

    private string Hash => hash;

    public bool Equals(AnnotationSet? other) => other is not null && hash == other.Hash;

    public override bool Equals(object? obj) => Equals(obj as AnnotationSet);

    public override int GetHashCode() => hash.GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// Our own annotations take precedence. Of the others, each agent's are resolved alone, because its "not excluded" must not override another agent's
    /// "excluded".
    /// </summary>
    private OutputWishes For(string container, LogOutput output)
    {
        OutputWishes foreign = OutputWishes.None;
        foreach (WishSource source in Sources.AsSpan(1))
        {
            OutputWishes next = Resolve(source, container, output);
            OutputWishes merged = foreign.Over(next);
            bool isExcludedNow = foreign.Exclusion is { IsExcluded: false } && next.Exclusion is { IsExcluded: true };
            foreign = isExcludedNow ? merged with { Exclusion = next.Exclusion } : merged;
        }

        return Resolve(WishSource.Shipper, container, output).Over(foreign);
    }

    private OutputWishes Resolve(WishSource source, string container, LogOutput output) => wishes
        .Where(wish => wish.Source == source && wish.Concerns(container, output))
        .OrderByDescending(wish => wish.Exactness)
        .Aggregate(OutputWishes.None, (exact, wish) => exact.Over(wish.Asked));
}
