namespace Shipper.Loki;

/// <summary>Attributes that never change.</summary>
internal sealed class FixedAttributes(StreamAttributes attributes, bool isOwn = false) : IAttributeSource
{
    public bool IsOwnLog => isOwn;

    public bool IsReadable(int restart) => true;

    public StreamAttributes Get(int restart) => attributes;
}
