namespace Shipper.Processing.Fields;

/// <summary>The kind of a JSON value. Values of logfmt are strings.</summary>
internal enum JsonKind : byte
{
    /// <summary>There is no value.</summary>
    None,

    String,
    Number,
    True,
    False,
    Null,
    Object,
    Array,
}
