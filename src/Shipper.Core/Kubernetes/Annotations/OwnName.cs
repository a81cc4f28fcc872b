using Shipper.Records;

namespace Shipper.Kubernetes.Annotations;

/// <summary>The parts of the name of an annotation: <c>KEY[_stdout|_stderr][-CONTAINER]</c>.</summary>
/// <param name="Key">The wish, for example <c>multiline</c>.</param>
/// <param name="Output">The output that the annotation concerns; null for both.</param>
/// <param name="Container">The container that the annotation concerns; empty for all.</param>
internal readonly record struct OwnName(string Key, LogOutput? Output, string Container)
{
    private const string Stdout = "_stdout";
    private const string Stderr = "_stderr";

    /// <summary>Splits a name.</summary>
    /// <param name="name">The name, without a prefix.</param>
    /// <param name="keys">The known keys. If one begins with another one, the longer key comes first.</param>
    public static bool TryParse(string name, IReadOnlyList<string> keys, out OwnName parsed)
    {
        parsed = default;
        string? key = keys.FirstOrDefault(
            key => name.StartsWith(key, StringComparison.Ordinal) && (name.Length == key.Length || name[key.Length] is '_' or '-'));
        if (key is null)
        {
            return false;
        }

        ReadOnlySpan<char> rest = name.AsSpan(key.Length);
        LogOutput? output = rest.StartsWith(Stdout) ? LogOutput.Stdout : rest.StartsWith(Stderr) ? LogOutput.Stderr : null;
        rest = output is null ? rest : rest[Stdout.Length..];
        bool isValid = rest.IsEmpty || (rest[0] == '-' && rest.Length > 1);
        parsed = new OwnName(key, output, isValid && rest.Length > 0 ? rest[1..].ToString() : "");
        return isValid;
    }
}
