namespace Shipper.Loki;

/// <summary>Provides the attributes of a stream, which may change at any time. Thread-safe.</summary>
internal interface IAttributeSource
{
    /// <summary>False if reading should wait for the API server's data about the pod. The wait is limited unless the configuration says otherwise.</summary>
    /// <param name="restart">Number of restarts of the container before the file was created.</param>
    bool IsReadable(int restart);

    /// <summary>True if this is the agent's own log.</summary>
    bool IsOwnLog => false;

    /// <summary>True if the files may be deleted as soon as the agent has stopped: their pod is being deleted, or is the agent's own.</summary>
    bool MayDisappear => IsOwnLog;

    /// <summary>Returns the current attributes: the same object until something changes.</summary>
    /// <param name="restart">Number of restarts of the container before the file was created.</param>
    StreamAttributes Get(int restart);
}
