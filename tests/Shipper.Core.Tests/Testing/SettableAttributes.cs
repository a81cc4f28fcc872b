using Shipper.Batching;
using Shipper.Tailing;

namespace Shipper.Testing;

/// <summary>Attributes that a test changes.</summary>
internal sealed class SettableAttributes : IAttributeSource
{
    public bool IsReadable { get; set; } = true;

    public StreamAttributes Value { get; set; } = Attributes.Of(("pod", "pod"));

    public StreamAttributes Get(int restart) => Value;
}
