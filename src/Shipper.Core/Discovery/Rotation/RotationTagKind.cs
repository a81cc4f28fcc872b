namespace Shipper.Discovery.Rotation;

/// <summary>The kind of a <see cref="RotationTag"/>.</summary>
internal enum RotationTagKind
{
    /// <summary>A number of at most six digits.</summary>
    Number,

    /// <summary>A date, with or without a time of day.</summary>
    Time,

    /// <summary>Any other sequence of numbers.</summary>
    Other,
}
