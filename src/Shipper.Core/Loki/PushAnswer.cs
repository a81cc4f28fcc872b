namespace Shipper.Loki;

/// <summary>What became of one push.</summary>
/// <param name="Verdict">What it means for the records.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c> where there was no answer.</param>
/// <param name="Message">Loki's words, or what went wrong on the way to it.</param>
/// <param name="RefusedRecords">For <see cref="PushVerdict.Refused"/>: how many were.</param>
/// <param name="IsTooNew">For <see cref="PushVerdict.Refused"/>: true where some were too far ahead of Loki's clock.</param>
/// <param name="IsLeftOpen">True where Loki may have stored records though it did not say so.</param>
internal readonly record struct PushAnswer(
    PushVerdict Verdict, string Status, string Message = "", int RefusedRecords = 0, bool IsTooNew = false, bool IsLeftOpen = false);
