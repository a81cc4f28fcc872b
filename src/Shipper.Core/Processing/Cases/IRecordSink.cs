namespace Shipper.Processing.Cases;

/// <summary>
/// Receives what becomes of the lines that a <see cref="RecordRunner"/> reads. Everything that it receives is a view that is valid only during the call.
/// </summary>
internal interface IRecordSink
{
    /// <summary>A record was assembled from lines. It has not been processed yet, so nothing in it is redacted.</summary>
    void OnAssembled(scoped in RecordDraft draft);

    /// <summary>A record was processed: the one that was assembled last, or the report of a limit, which comes before it.</summary>
    void OnProcessed(scoped in ProcessedRecord record);
}
