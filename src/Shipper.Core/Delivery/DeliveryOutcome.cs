namespace Shipper.Delivery;

/// <summary>What became of a batch: each of its records is stored or was dropped and counted, except those of streams that go back.</summary>
/// <param name="Refusals">The streams that go back.</param>
/// <param name="IsTooNew">True if records were refused because they are ahead of Loki's clock.</param>
/// <param name="Rest">
/// What is not settled, because records got new times: it goes on when they are noted. Null if all is settled.
/// </param>
internal sealed record DeliveryOutcome(IReadOnlyList<Refusal> Refusals, bool IsTooNew, UnsettledBatch? Rest = null)
{
    /// <summary>All of it was stored.</summary>
    public static DeliveryOutcome Stored { get; } = new([], IsTooNew: false);
}
