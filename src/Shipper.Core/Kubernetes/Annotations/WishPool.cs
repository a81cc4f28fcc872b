namespace Shipper.Kubernetes.Annotations;

/// <summary>Deduplicates wishes, so that equal ones are the same object.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WishPool
{
    /// <summary>Maximum number of different wishes. When it is reached, all are dropped, because those of deleted pods must not stay forever.</summary>
    private const int MaxCount = 1024;

    private readonly Lock _lock = new();
    private readonly HashSet<ContainerWishes> _containers = [ContainerWishes.None];
    private readonly HashSet<OutputWishes> _outputs = [OutputWishes.None];

    /// <summary>Returns the first equal object.</summary>
    public ContainerWishes Intern(ContainerWishes wishes)
    {
        if (ReferenceEquals(wishes, ContainerWishes.None))
        {
            return wishes;
        }

        lock (_lock)
        {
            if (_containers.TryGetValue(wishes, out ContainerWishes? known))
            {
                return known;
            }

            if (_containers.Count >= MaxCount)
            {
                _containers.Clear();
                _outputs.Clear();
                _containers.Add(ContainerWishes.None);
                _outputs.Add(OutputWishes.None);
            }

            var interned = new ContainerWishes(Intern(wishes.Stdout), Intern(wishes.Stderr));
            _containers.Add(interned);
            return interned;
        }
    }

    private OutputWishes Intern(OutputWishes wishes)
    {
        if (_outputs.TryGetValue(wishes, out OutputWishes? known))
        {
            return known;
        }

        _outputs.Add(wishes);
        return wishes;
    }
}
