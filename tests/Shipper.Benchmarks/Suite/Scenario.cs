namespace Shipper.Benchmarks.Suite;

/// <summary>A measurement.</summary>
/// <param name="name">The name on the command line.</param>
/// <param name="description">A description for the results.</param>
internal abstract class Scenario(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public abstract Task RunAsync(BenchmarkRun bench, CancellationToken stopping);

    /// <summary>Returns the result with the median value.</summary>
    protected static TrialResult Median(IEnumerable<TrialResult> results, Func<TrialResult, double> by)
    {
        TrialResult[] sorted = [.. results.OrderBy(by)];
        return sorted[sorted.Length / 2];
    }
}
