using Shipper.Loki;
using Shipper.Processing;

namespace Shipper.Taps;

/// <summary>Finds out for a lane whether somebody watches a stream.</summary>
/// <remarks>Owned by its lane; not thread-safe.</remarks>
/// <param name="maxLineBytes">The largest maximum line size of any source.</param>
internal sealed class LaneTaps(TapRegistry registry, int maxLineBytes)
{
    /// <summary>Attributes change when pods do; then the answers for the old ones are forgotten.</summary>
    private const int MaxKnown = 10_000;

    private readonly Dictionary<StreamAttributes, TapObserver?> _known = new(ReferenceEqualityComparer.Instance);
    private TapScratch? _scratch;
    private int _version;

    /// <summary>Returns who watches the records with these attributes; null if nobody does. Costs nothing while no tap is open.</summary>
    public RecordObserver? Find(StreamAttributes attributes)
    {
        if (!registry.HasAny)
        {
            if (_scratch is not null)
            {
                _scratch = null;
                _known.Clear();
            }

            return null;
        }

        if (_version != registry.Version || _known.Count >= MaxKnown)
        {
            _version = registry.Version;
            _known.Clear();
        }

        if (!_known.TryGetValue(attributes, out TapObserver? observer))
        {
            _scratch ??= new TapScratch(maxLineBytes);
            Tap[] taps = registry.Find(attributes, out IReadOnlyDictionary<string, string> labels);
            observer = taps.Length == 0 ? null : new TapObserver(taps, labels, _scratch);
            _known.Add(attributes, observer);
        }

        return observer;
    }
}
