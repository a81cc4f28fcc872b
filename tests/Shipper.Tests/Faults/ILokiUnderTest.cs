namespace Shipper.Tests.Faults;

/// <summary>The Loki that a scenario sends to: the double, or the real one that <c>LOKI_URL</c> names.</summary>
internal interface ILokiUnderTest : IDisposable
{
    Uri Address { get; }

    /// <summary>The label cluster of this run. A real Loki has other data as well.</summary>
    string Cluster { get; }

    /// <summary>Returns the number of entries of this run, copies included.</summary>
    Task<long> CountAsync();

    /// <summary>Returns the number after that of a pod's newest line. If all lines came in order, Loki has this many.</summary>
    Task<int> ReachedAsync(string pod);

    /// <summary>Counts a pod's lines.</summary>
    /// <param name="written">Number of lines written.</param>
    /// <param name="findings">Receives descriptions of the lost, duplicated and late lines.</param>
    Task<Tally> TallyAsync(string pod, int written, ICollection<string>? findings = null);

    /// <summary>The reason why this Loki can't be frozen; null if it can.</summary>
    string? CannotFreezeReason { get; }

    /// <summary>Freezes Loki: it accepts connections, leaves requests in its sockets, and answers nothing.</summary>
    void Freeze();

    /// <summary>Lets Loki continue, with all requests in its sockets.</summary>
    void Thaw();
}
