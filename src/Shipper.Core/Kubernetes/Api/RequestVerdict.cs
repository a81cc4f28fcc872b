namespace Shipper.Kubernetes.Api;

/// <summary>What to do after a list or watch request.</summary>
internal enum RequestVerdict
{
    /// <summary>The request succeeded: start the next watch.</summary>
    Done,

    /// <summary>The known version is too old or too new for the API server: start over.</summary>
    Expired,

    /// <summary>The request failed: retry it later.</summary>
    Failed,

    /// <summary>The request failed because of a bug in the agent: start over later.</summary>
    Bug,
}
