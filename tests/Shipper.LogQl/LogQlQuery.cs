namespace Shipper.LogQl;

/// <summary>A query in LogQL, checked as thoroughly as possible without running it. The recordings in Shipper.Testing show what Loki accepts.</summary>
internal sealed class LogQlQuery
{
    private LogQlQuery(bool isMetric, LogQlLabels labels)
    {
        IsMetric = isMetric;
        Labels = labels;
    }

    /// <summary>True if the result is numbers, as rules require, and not log lines.</summary>
    public bool IsMetric { get; }

    public LogQlLabels Labels { get; }

    /// <summary>Parses a query.</summary>
    /// <exception cref="FormatException">Loki would refuse it.</exception>
    public static LogQlQuery Parse(string query)
    {
        var tokens = new LogQlTokens(query);
        var labels = new LogQlLabels();
        bool isMetric = new LogQlExpressions(tokens, labels).ParseWhole();
        return new LogQlQuery(isMetric, labels);
    }
}
