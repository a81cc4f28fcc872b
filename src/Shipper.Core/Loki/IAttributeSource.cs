namespace Shipper.Loki;

/// <summary>Tells what the records of a series are sent with. It may change at any time; safe for concurrent use.</summary>
internal interface IAttributeSource
{
    /// <summary>False while it is better to wait for what the API server knows, which is for a bounded time unless told otherwise.</summary>
    /// <param name="restart">How often the container had been restarted when the file was begun.</param>
    bool IsReadable(int restart);

    /// <summary>True for the agent's own log.</summary>
    bool IsOwn => false;

    /// <summary>True if the files may be deleted as soon as the agent has stopped: their pod is being deleted, or is the agent's own.</summary>
    bool IsGoing => IsOwn;

    /// <summary>The attributes as of now; the same object as long as nothing changed.</summary>
    /// <param name="restart">How often the container had been restarted when the file was begun.</param>
    StreamAttributes Get(int restart);
}
