namespace Shipper.Processing.Patterns;

/// <summary>Compares the states of an automaton by their places.</summary>
internal sealed class StateComparer : IEqualityComparer<int[]>
{
    public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(int[] obj)
    {
        uint hash = 17;
        foreach (int place in obj)
        {
            hash = (hash * 16777619) ^ (uint)place;
        }

        return (int)hash;
    }
}
