using System.Globalization;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>How long to look, and for what. From the environment; README.md tells of each.</summary>
internal static class FuzzOptions
{
    private const int DefaultSeconds = 2;

    // Always the same, so that a change is what makes a test fail.
    private const int DefaultSeed = 1;

    public static TimeSpan Duration => TimeSpan.FromSeconds(Read("SHIPPER_FUZZ_SECONDS") ?? DefaultSeconds);

    public static int Seed => Read("SHIPPER_FUZZ_SEED") ?? DefaultSeed;

    /// <summary>So many of the inputs that led to something new become files of the corpus.</summary>
    public static int Keeps => Read("SHIPPER_FUZZ_KEEP") ?? 0;

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
