namespace Shipper.Telemetry;

/// <summary>How many records were sent with another time than their own, by reason.</summary>
internal readonly record struct RetimedRecords(int TooOld, int TooNew, int TooFarBehind)
{
    public static RetimedRecords operator +(RetimedRecords a, RetimedRecords b) => new(a.TooOld + b.TooOld, a.TooNew + b.TooNew, a.TooFarBehind + b.TooFarBehind);
}
