namespace Shipper.Processing.Limits;

/// <summary>What happens to records over a limit: <c>over</c>.</summary>
internal enum OverLimit
{
    /// <summary>They are read later. Only the container waits.</summary>
    Slow,

    /// <summary>Some are dropped, errors last.</summary>
    Sample,

    /// <summary>They are dropped.</summary>
    Drop,
}
