namespace Shipper.Kubernetes.Api;

/// <summary>What the end of a list or watch means.</summary>
internal enum RequestVerdict
{
    /// <summary>It did what it should: go on with the next watch.</summary>
    Done,

    /// <summary>The version that is known is too old or too new for the API server: begin anew.</summary>
    Expired,

    /// <summary>It failed: try the same again later.</summary>
    Failed,

    /// <summary>It failed because of a bug of the agent: begin anew later.</summary>
    Bug,
}
