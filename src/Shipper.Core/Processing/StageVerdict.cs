namespace Shipper.Processing;

/// <summary>The decision of a <see cref="ProcessingStage"/> on a record.</summary>
internal enum StageVerdict : byte
{
    /// <summary>Pass the record to the next stage.</summary>
    Keep,

    /// <summary>Don't send the record, and count it as dropped.</summary>
    Drop,
}
