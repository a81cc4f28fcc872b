namespace Shipper.Processing.Redaction;

/// <summary>Which of the two lines around a private key came last in a text.</summary>
internal enum KeyMark : byte
{
    /// <summary>Neither of them.</summary>
    None,

    /// <summary>The line that begins a key, so what follows the text may belong to the key.</summary>
    Begin,

    /// <summary>The line that ends a key.</summary>
    End,

    /// <summary>The text ends within the line that begins a key.</summary>
    PartOfBegin,
}
