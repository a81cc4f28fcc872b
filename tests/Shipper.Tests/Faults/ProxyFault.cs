namespace Shipper.Tests.Faults;

/// <summary>What the proxy does to a connection.</summary>
internal enum ProxyFault
{
    /// <summary>Nothing: the bytes go on.</summary>
    None,

    /// <summary>Cuts both sides: of an answer nothing comes, though Loki has done what was asked.</summary>
    Reset,

    /// <summary>Passes half of the chunk on, and cuts both sides.</summary>
    ResetWithin,
}
