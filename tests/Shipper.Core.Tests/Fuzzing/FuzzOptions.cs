using System.Globalization;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>How long to run, and with which seed. Read from environment variables that README.md describes.</summary>
internal static class FuzzOptions
{
    private const int DefaultSeconds = 2;

    // Constant, so that only a change of the code can make a test fail.
    private const int DefaultSeed = 1;

    public static TimeSpan Duration => TimeSpan.FromSeconds(Read("SHIPPER_FUZZ_SECONDS") ?? DefaultSeconds);

    public static int Seed => Read("SHIPPER_FUZZ_SEED") ?? DefaultSeed;

    /// <summary>Number of inputs with new outcomes to save as files of the corpus.</summary>
    public static int KeepCount => Read("SHIPPER_FUZZ_KEEP") ?? 0;

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
