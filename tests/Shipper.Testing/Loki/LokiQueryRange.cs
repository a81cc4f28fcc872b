using System.Globalization;

namespace Shipper.Testing.Loki;

/// <summary>Handles <c>query_range</c> for logs as Loki does.</summary>
internal static class LokiQueryRange
{
    private const int DefaultLimit = 100;
    private const long NanosecondsPerHour = 3_600_000_000_000;

    /// <summary>Handles a query.</summary>
    /// <param name="streams">All stored streams.</param>
    /// <param name="parameters">The parameters of the URL.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="nowNs">The current time, in nanoseconds since 1970.</param>
    /// <param name="page">The result, if the status is 200.</param>
    /// <returns>The status, and the text of a refusal.</returns>
    public static (int Status, string Body) Query(
        IEnumerable<StoredStream> streams, IReadOnlyDictionary<string, string> parameters, LokiLimits limits, long nowNs, out IReadOnlyList<QueriedStream> page)
    {
        page = [];
        long start = ReadTime(parameters.GetValueOrDefault("start", ""), nowNs - NanosecondsPerHour);
        long end = ReadTime(parameters.GetValueOrDefault("end", ""), nowNs);
        int limit = parameters.TryGetValue("limit", out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultLimit;
        string direction = parameters.GetValueOrDefault("direction", "backward");
        if (end < start)
        {
            return (400, "end timestamp must not be before or equal to start time\n");
        }

        if (limit <= 0)
        {
            return (400, "limit must be a positive value\n");
        }

        if (limit > limits.MaxQueryEntries)
        {
            return (400, string.Create(CultureInfo.InvariantCulture, $"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {limits.MaxQueryEntries})\n"));
        }

        if (end - start > limits.MaxQueryLength.Ticks * 100)
        {
            return (400, string.Create(CultureInfo.InvariantCulture, $"the query time range exceeds the limit (query length: {(end - start) / NanosecondsPerHour}h0m0s, limit: 30d1h)\n"));
        }

        StreamSelector selector;
        try
        {
            selector = StreamSelector.Parse(parameters.GetValueOrDefault("query", ""));
        }
        catch (FormatException e)
        {
            return (400, e.Message + "\n");
        }

        // Loki queries ingesters only for the last hours. The double never flushes entries to storage, so older entries are not found.
        start = Math.Max(start, nowNs - (limits.QueryIngestersWithin.Ticks * 100));

        // A query shows an entry that is stored twice only once.
        var found = streams.Where(stream => selector.IsMatch(stream.Labels))
            .SelectMany(stream => stream.Entries.Where(entry => entry.TimestampNs >= start && entry.TimestampNs < end).Distinct().Select(entry => (stream.Labels, Entry: entry)))
            .OrderBy(one => one.Entry.TimestampNs).ToList();
        if (!direction.Equals("forward", StringComparison.OrdinalIgnoreCase))
        {
            found.Reverse();
        }

        page = [.. found.Take(limit).Select(one => (Labels: EntryMetadata.GetQueriedLabels(one.Labels, one.Entry, limits.AllowsMetadata), one.Entry))
            .GroupBy(one => LabelSet.Format(one.Labels), StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new QueriedStream(
                group.First().Labels,
                [.. group.Select(one => new[] { one.Entry.TimestampNs.ToString(CultureInfo.InvariantCulture), one.Entry.Line })]))];
        return (200, "");
    }

    private static long ReadTime(string text, long otherwise)
    {
        if (text.Length == 0)
        {
            return otherwise;
        }

        if (text.Contains('T', StringComparison.Ordinal))
        {
            return (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
        }

        if (text.Contains('.', StringComparison.Ordinal))
        {
            return (long)(double.Parse(text, CultureInfo.InvariantCulture) * 1_000_000_000);
        }

        long number = long.Parse(text, CultureInfo.InvariantCulture);
        return text.Length <= 10 ? number * 1_000_000_000 : number;
    }
}
