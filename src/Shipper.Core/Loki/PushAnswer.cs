using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>What became of one push.</summary>
/// <param name="Verdict">What it means for the records.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c> where there was no answer.</param>
/// <param name="Message">Loki's words, or what went wrong on the way to it.</param>
/// <param name="RefusedRecords">For <see cref="PushVerdict.Refused"/>: how many were.</param>
/// <param name="IsTooNew">For <see cref="PushVerdict.Refused"/>: true where some were too far ahead of Loki's clock.</param>
/// <param name="RefusedStream">The labels, as Loki writes them, of the one stream that it refused for now; null where it named none.</param>
/// <param name="RefusesNewStreams">True where it was refused because Loki takes no new stream, and so may others be.</param>
/// <param name="IsLeftOpen">True where Loki may have stored records though it did not say so.</param>
internal readonly partial record struct PushAnswer(
    PushVerdict Verdict, string Status, string Message = "", int RefusedRecords = 0, bool IsTooNew = false, bool IsLeftOpen = false,
    string? RefusedStream = null, bool RefusesNewStreams = false)
{
    /// <summary>Tells whether the refused stream is one of ours. Loki adds a label service_name where it finds none.</summary>
    /// <param name="selector">The labels of our stream.</param>
    public bool IsRefusalOf(string selector) =>
        RefusedStream is not null && (RefusedStream == selector || WithoutServiceName().Replace(RefusedStream, "", 1) == selector);

    [GeneratedRegex("""service_name="(?:[^"\\]|\\.)*", |, service_name="(?:[^"\\]|\\.)*"(?=\})""")]
    private static partial Regex WithoutServiceName();
}
