using Shipper.Processing.Redaction;

namespace Shipper.Kubernetes.Annotations;

/// <summary>What to remove from records, in addition to what the operator removes.</summary>
/// <param name="Secrets">True to remove secrets that have a known form.</param>
/// <param name="Personal">The kinds of personal data to remove.</param>
/// <param name="Patterns">Further patterns.</param>
internal sealed record WishedRedaction(bool Secrets, PersonalData Personal, ValueList<WishedPattern> Patterns)
{
    /// <summary>Removes what one of two wishes removes. Unlike other wishes, no redaction overrides another: an annotation never takes any away.</summary>
    public static WishedRedaction? Combine(WishedRedaction? first, WishedRedaction? second) =>
        first is null ? second
        : second is null ? first
        : new WishedRedaction(first.Secrets || second.Secrets, first.Personal | second.Personal, new([.. first.Patterns.Union(second.Patterns)]));
}
