namespace Shipper.Processing.Rules.Probes;

/// <summary>What a field of a structured log line says about a request.</summary>
internal enum RequestField
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The status of the response.</summary>
    Status,

    /// <summary>The path or URL.</summary>
    Target,

    /// <summary>The first line of the request, or only its path.</summary>
    Request,

    /// <summary>The method.</summary>
    Method,

    /// <summary>The user agent.</summary>
    Agent,

    /// <summary>The path or the user agent, depending on the object around it: the Elastic common schema.</summary>
    Original,

    /// <summary>An error.</summary>
    Error,

    /// <summary>The text of the record, which may contain all of these.</summary>
    Message,
}
