namespace Shipper.LogQl;

/// <summary>A query in LogQL, as far as one can tell without running it. The recordings in Shipper.Testing say what Loki takes.</summary>
internal sealed class LogQlQuery
{
    private LogQlQuery(bool isMetric, LogQlLabels labels)
    {
        IsMetric = isMetric;
        Labels = labels;
    }

    /// <summary>Whether it gives numbers, as rules need, and not lines.</summary>
    public bool IsMetric { get; }

    public LogQlLabels Labels { get; }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">Loki would refuse it.</exception>
    public static LogQlQuery Parse(string query)
    {
        var tokens = new LogQlTokens(query);
        var labels = new LogQlLabels();
        bool isMetric = new LogQlExpressions(tokens, labels).ParseWhole();
        return new LogQlQuery(isMetric, labels);
    }
}
