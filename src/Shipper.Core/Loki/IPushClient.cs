namespace Shipper.Loki;

/// <summary>Sends compressed batches.</summary>
internal interface IPushClient
{
    /// <summary>Sends a batch until there is an answer that means something, repeating it as configured.</summary>
    /// <param name="body">The compressed request. It is not touched any more once the returned task has ended.</param>
    /// <param name="records">Records in it.</param>
    /// <param name="returnsRefusals">True to return an answer that refuses one stream for now, rather than to repeat the whole.</param>
    /// <param name="stopping">Gives up: what becomes of the batch stays open.</param>
    /// <returns>The last answer: never <see cref="PushVerdict.Misconfigured"/>, and <see cref="PushVerdict.Retry"/> only when
    /// the configured number of repetitions is used up, or where it refuses one stream and that was asked for.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, int records, bool returnsRefusals, CancellationToken stopping);
}
