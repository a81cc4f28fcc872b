using Shipper.Batching;

namespace Shipper.Tailing;

/// <summary>A log that discovery found.</summary>
/// <param name="Key">What its stream is, independent of configured labels: the checkpoint's key.</param>
/// <param name="Labels">The stream's labels.</param>
/// <param name="Series">Where its files are.</param>
internal sealed record SeriesFound(string Key, StreamLabels Labels, LogSeries Series);
