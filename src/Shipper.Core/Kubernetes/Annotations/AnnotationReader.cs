using System.Security.Cryptography;
using System.Text;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Reads what pods and namespaces ask for. Objects with the same annotations share one result.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="allow">Globs of the annotations to obey, without <c>shipper.io/</c>: <c>kubernetes.annotations.allow</c>.</param>
/// <param name="isForeign">True to obey the annotations of other agents too.</param>
internal sealed class AnnotationReader(IReadOnlyList<string> allow, bool isForeign)
{
    /// <summary>Maximum length of all keys and values that are read of one object, in chars. The rest is ignored, so that 1,500 pods stay small.</summary>
    public const int MaxChars = 8 * 1024;

    /// <summary>Maximum number of results to share. When it is reached, all are dropped, because those of deleted pods must not stay forever.</summary>
    private const int MaxShared = 512;

    private readonly Lock _lock = new();
    private readonly NameGlob[] _allow = [.. allow.Select(pattern => new NameGlob(pattern))];
    private readonly Dictionary<string, AnnotationSet> _shared = new(StringComparer.Ordinal);

    /// <summary>True if an annotation or label with this key may ask for something.</summary>
    public bool IsRead(string key) =>
        key.StartsWith(OwnAnnotations.Prefix, StringComparison.Ordinal)
        || (isForeign && (ForeignExclusions.IsKey(key) || ElasticAnnotations.IsKey(key) || DatadogAnnotations.IsKey(key)));

    /// <summary>Reads the annotations of a pod.</summary>
    /// <param name="containers">Names of all its containers.</param>
    public AnnotationSet ReadPod(
        IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, IReadOnlyList<string> containers) =>
        Read(labels, annotations, containers);

    /// <summary>Reads the annotations of a namespace.</summary>
    public AnnotationSet ReadNamespace(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations) =>
        Read(labels, annotations, containers: null);

    private AnnotationSet Read(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, IReadOnlyList<string>? containers)
    {
        string? vector = isForeign ? labels.GetValueOrDefault(ForeignExclusions.VectorLabel) : null;
        KeyValuePair<string, string>[] read = annotations.Count == 0 ? []
            : [.. annotations.Where(pair => IsRead(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];
        if (vector is null && read.Length == 0)
        {
            return AnnotationSet.Empty;
        }

        string hash = Hash(vector, read, containers);
        lock (_lock)
        {
            if (_shared.TryGetValue(hash, out AnnotationSet? shared))
            {
                return shared;
            }

            if (_shared.Count >= MaxShared)
            {
                _shared.Clear();
            }

            AnnotationSet parsed = Parse(hash, vector, read, containers);
            _shared.Add(hash, parsed);
            return parsed;
        }
    }

    private AnnotationSet Parse(string hash, string? vector, KeyValuePair<string, string>[] read, IReadOnlyList<string>? containers)
    {
        var collector = new WishCollector(_allow, isNamespace: containers is null);
        int chars = 0;
        int count = read.TakeWhile(pair => (chars += pair.Key.Length + pair.Value.Length) <= MaxChars).Count();
        if (count < read.Length)
        {
            collector.AddError(
                AnnotationErrorReasons.InvalidValue, read[count].Key,
                $"is ignored, and so are those after it: all annotations together have more than {MaxChars} characters");
            read = read[..count];
        }

        if (vector is not null)
        {
            ForeignExclusions.ParseVectorLabel(vector, collector);
        }

        foreach ((string key, string value) in read)
        {
            if (key.StartsWith(OwnAnnotations.Prefix, StringComparison.Ordinal))
            {
                OwnAnnotations.Parse(key, value, containers, collector);
            }
            else if (DatadogAnnotations.IsKey(key))
            {
                DatadogAnnotations.Parse(key, value, collector);
            }
            else if (ForeignExclusions.IsKey(key))
            {
                ForeignExclusions.Parse(key, value, collector);
            }
        }

        if (isForeign)
        {
            ElasticAnnotations.Parse(read, collector);
        }

        return new AnnotationSet(hash, collector.Wishes, collector.Errors);
    }

    /// <summary>Hashes all that the result depends on. Each text is preceded by its length, so that no two inputs are alike.</summary>
    private static string Hash(string? vector, KeyValuePair<string, string>[] read, IReadOnlyList<string>? containers)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(containers is null ? "namespace" : "pod");
        Append(vector ?? "");
        foreach ((string key, string value) in read)
        {
            Append(key);
            Append(value);
        }

        // Behind the annotations, and marked, as there is any number of both.
        Append("");
        foreach (string container in containers ?? [])
        {
            Append(container);
        }

        return Convert.ToBase64String(sha.GetHashAndReset());

        void Append(string text)
        {
            // UTF-16, because half of a surrogate pair has no UTF-8.
            byte[] bytes = Encoding.Unicode.GetBytes(text);
            sha.AppendData(BitConverter.GetBytes(bytes.Length));
            sha.AppendData(bytes);
        }
    }
}
