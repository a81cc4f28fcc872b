namespace Shipper.Discovery.Rotation;

/// <summary>What a <see cref="RotationMark"/> is.</summary>
internal enum RotationMarkKind
{
    /// <summary>A number of at most six digits.</summary>
    Number,

    /// <summary>A date, with a time or without.</summary>
    Time,

    /// <summary>Some other row of numbers.</summary>
    Other,
}
