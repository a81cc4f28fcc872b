namespace Shipper.Telemetry;

/// <summary>Numbers of records sent with a different timestamp, by reason (<see cref="RetimeReasons"/>).</summary>
internal readonly record struct RetimedRecords(int TooOld, int TooNew, int TooFarBehind)
{
    public static RetimedRecords operator +(RetimedRecords a, RetimedRecords b) => new(a.TooOld + b.TooOld, a.TooNew + b.TooNew, a.TooFarBehind + b.TooFarBehind);
}
