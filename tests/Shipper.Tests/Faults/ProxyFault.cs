namespace Shipper.Tests.Faults;

/// <summary>What the proxy does to a connection.</summary>
internal enum ProxyFault
{
    /// <summary>Forwards the bytes.</summary>
    None,

    /// <summary>Cuts both sides. If the chunk is part of a response, Loki has handled the request, but no part of the response arrives.</summary>
    Reset,

    /// <summary>Forwards half of the chunk, and cuts both sides.</summary>
    ResetWithin,
}
