namespace Shipper.Processing.Multiline.Traces;

/// <summary>Where a line names an exception.</summary>
internal enum ExceptionPlace : byte
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Behind other text, such as a timestamp or a message.</summary>
    Inside,

    /// <summary>At its start.</summary>
    Start,
}
