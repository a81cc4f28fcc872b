namespace Shipper.Lanes;

/// <summary>A push that has no answer yet.</summary>
/// <param name="Records">Records in it.</param>
/// <param name="Bytes">Bytes of it, uncompressed.</param>
/// <param name="SinceSeconds">How long ago it was sent for the first time.</param>
internal sealed record PushStatus(int Records, int Bytes, double SinceSeconds);
