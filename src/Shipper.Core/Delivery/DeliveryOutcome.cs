namespace Shipper.Delivery;

/// <summary>What became of a batch: each of its records is stored or was dropped and counted, but for those of streams that go back.</summary>
/// <param name="Refusals">The streams that go back.</param>
/// <param name="IsTooNew">True where records were refused because the node's clock was ahead of Loki's.</param>
internal sealed record DeliveryOutcome(IReadOnlyList<Refusal> Refusals, bool IsTooNew)
{
    /// <summary>All of it was stored.</summary>
    public static DeliveryOutcome Stored { get; } = new([], IsTooNew: false);
}
