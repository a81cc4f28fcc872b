namespace Shipper.Loki;

/// <summary>Talks to Loki, one request at a time. Safe for concurrent use.</summary>
internal interface IPushClient
{
    /// <summary>Sends a request once.</summary>
    /// <param name="body">The compressed request. It is not touched any more once the returned task has ended.</param>
    /// <param name="stopping">Gives up: what becomes of it stays open.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping);

    /// <summary>Sends a request that has nothing to store, to see whether pushes are taken.</summary>
    /// <param name="stopping">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    Task<PushAnswer> ProbeAsync(CancellationToken stopping);

    /// <summary>Asks Loki for what it has, one page of it.</summary>
    /// <param name="selector">Which streams, as in <c>{cluster="a", node="b"}</c>.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time.</param>
    /// <param name="found">Is given each entry, oldest first within its stream.</param>
    /// <param name="stopping">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping);

    /// <summary>Asks Loki for the time of the newest entry that it has: <see cref="QueryAnswer.NewestNs"/>.</summary>
    /// <param name="selector">Which streams, as in <c>{cluster="a", node="b"}</c>.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time.</param>
    /// <param name="stopping">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping);
}
