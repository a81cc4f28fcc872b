namespace Shipper.Lanes;

/// <summary>A push without a response so far.</summary>
/// <param name="Records">Number of records.</param>
/// <param name="Bytes">Uncompressed size in bytes.</param>
/// <param name="SinceSeconds">Seconds since it was first sent.</param>
internal sealed record PushStatus(int Records, int Bytes, double SinceSeconds);
