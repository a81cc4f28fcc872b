namespace Shipper.Discovery;

/// <summary>Where to start in a file without a checkpoint.</summary>
internal enum StartMode
{
    /// <summary>At the first byte of the oldest generation.</summary>
    Beginning,

    /// <summary>After the last line.</summary>
    End,

    /// <summary>At the first record that is not older than the configured age.</summary>
    Age,
}
