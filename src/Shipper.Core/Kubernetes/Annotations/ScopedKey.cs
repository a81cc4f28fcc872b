namespace Shipper.Kubernetes.Annotations;

/// <summary>The parts of an annotation's key of the form <c>PREFIX[.CONTAINER]/NAME</c>.</summary>
/// <param name="Container">The container that it concerns; empty for all.</param>
internal readonly record struct ScopedKey(string Container, string Name)
{
    /// <summary>Splits a key.</summary>
    /// <returns>False if the key has another form or prefix.</returns>
    public static bool TryParse(string key, string prefix, out ScopedKey parsed)
    {
        parsed = default;
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < prefix.Length || !key.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (slash > prefix.Length && (key[prefix.Length] != '.' || slash == prefix.Length + 1))
        {
            return false;
        }

        parsed = new ScopedKey(slash > prefix.Length ? key[(prefix.Length + 1)..slash] : "", key[(slash + 1)..]);
        return true;
    }
}
