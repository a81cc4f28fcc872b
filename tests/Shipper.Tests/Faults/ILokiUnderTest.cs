namespace Shipper.Tests.Faults;

/// <summary>The Loki that a scenario ships to: the double, or the real one that <c>LOKI_URL</c> names.</summary>
internal interface ILokiUnderTest : IDisposable
{
    /// <summary>Its address.</summary>
    Uri Address { get; }

    /// <summary>The label cluster of this run: in a real Loki there is more than that.</summary>
    string Cluster { get; }

    /// <summary>How many entries it has of this run, copies included.</summary>
    Task<long> CountAsync();

    /// <summary>The line of a pod that came last: as many are there when all came in order.</summary>
    Task<int> ReachedAsync(string pod);

    /// <summary>Counts the lines of a pod.</summary>
    /// <param name="pod">Its name.</param>
    /// <param name="written">How many were written.</param>
    /// <param name="findings">Gets the lines that are lost, doubled or late, in words.</param>
    Task<Tally> TallyAsync(string pod, int written, ICollection<string>? findings = null);

    /// <summary>Why it can't be made to stand still; null if it can.</summary>
    string? WhyNotFreeze { get; }

    /// <summary>Stands still: connections are accepted, requests lie in its sockets, and nothing is answered.</summary>
    void Freeze();

    /// <summary>Goes on, with all that lies in its sockets.</summary>
    void Thaw();
}
