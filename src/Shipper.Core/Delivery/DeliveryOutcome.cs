namespace Shipper.Delivery;

/// <summary>The outcome of a delivery: each record of the batch is stored, or dropped and counted, except those of streams that go back.</summary>
/// <param name="Refusals">The streams that go back.</param>
/// <param name="IsTooNew">True if records were refused because they are ahead of Loki's clock.</param>
/// <param name="Rest">
/// The rest of the delivery, if records got new times: to be continued once these are noted. Null if everything is settled.
/// </param>
internal sealed record DeliveryOutcome(IReadOnlyList<Refusal> Refusals, bool IsTooNew, UnsettledBatch? Rest = null)
{
    /// <summary>All of it was stored.</summary>
    public static DeliveryOutcome Stored { get; } = new([], IsTooNew: false);
}
