namespace Shipper.Processing.Redaction;

/// <summary>What the name of a key says about its value: how easily something else is mistaken for a secret.</summary>
internal enum KeyKind
{
    /// <summary>It is not the key of a secret.</summary>
    None,

    /// <summary>A password. Any value is one.</summary>
    Password,

    /// <summary>As <see cref="Password"/>, but it may also be the working directory.</summary>
    Pwd,

    /// <summary>An API key or another key.</summary>
    Key,

    /// <summary>A secret, or the name of one.</summary>
    Secret,

    /// <summary>The header with the cookies of a request, or one of a response.</summary>
    Cookie,

    /// <summary>The header with the credentials of a request.</summary>
    Authorization,

    /// <summary>A token; also the word of a parser, or a count.</summary>
    Token,
}
