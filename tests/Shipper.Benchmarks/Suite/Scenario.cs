namespace Shipper.Benchmarks.Suite;

/// <summary>One thing that is measured.</summary>
/// <param name="name">What it is called on the command line.</param>
/// <param name="description">What it does, in a sentence.</param>
internal abstract class Scenario(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public abstract Task RunAsync(Bench bench, CancellationToken stopping);

    /// <summary>The result in the middle.</summary>
    protected static TrialResult Median(IEnumerable<TrialResult> results, Func<TrialResult, double> by)
    {
        TrialResult[] sorted = [.. results.OrderBy(by)];
        return sorted[sorted.Length / 2];
    }
}
