namespace Shipper.Loki;

/// <summary>Talks to Loki, one request per call. Thread-safe.</summary>
internal interface IPushClient
{
    /// <summary>Sends a request once.</summary>
    /// <param name="body">The compressed request. It is no longer read once the returned task has completed.</param>
    /// <param name="stopping">Cancels the push; its records stay unconfirmed.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping);

    /// <summary>Sends an empty request, to see whether Loki accepts pushes.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    Task<PushAnswer> ProbeAsync(CancellationToken stopping);

    /// <summary>Asks Loki for one page of its entries.</summary>
    /// <param name="selector">Selects the streams, as in <c>{cluster="a", node="b"}</c>.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time, in nanoseconds since 1970.</param>
    /// <param name="found">Receives each entry, oldest first within its stream.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping);

    /// <summary>Asks Loki for the time of the newest entry that it has: <see cref="QueryAnswer.NewestNs"/>.</summary>
    /// <param name="selector">Selects the streams, as in <c>{cluster="a", node="b"}</c>.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time, in nanoseconds since 1970.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping);
}
