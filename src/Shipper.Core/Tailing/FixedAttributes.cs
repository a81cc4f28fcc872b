using Shipper.Batching;

namespace Shipper.Tailing;

/// <summary>Attributes that never change.</summary>
internal sealed class FixedAttributes(StreamAttributes attributes) : IAttributeSource
{
    public bool IsReadable(int restart) => true;

    public StreamAttributes Get(int restart) => attributes;
}
