namespace Shipper.Delivery;

/// <summary>The outcome of a delivery: every record of the batch is stored, or dropped and counted, except those of the refused streams.</summary>
/// <param name="Refusals">The streams that Loki refused for now. Their records are read again later.</param>
/// <param name="HasTooNew">True if Loki refused records because they are ahead of its clock.</param>
/// <param name="Rest">The rest of the delivery if records got new times: to be continued once the checkpoint has these. Null if everything is settled.</param>
internal sealed record DeliveryOutcome(IReadOnlyList<Refusal> Refusals, bool HasTooNew, UnsettledBatch? Rest = null)
{
    /// <summary>The outcome of a batch that Loki stored as a whole.</summary>
    public static DeliveryOutcome Stored { get; } = new([], HasTooNew: false);
}
