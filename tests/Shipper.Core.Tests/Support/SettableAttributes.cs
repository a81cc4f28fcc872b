using Shipper.Loki;

namespace Shipper.Core.Tests.Support;

/// <summary>Attributes that a test can change.</summary>
internal sealed class SettableAttributes : IAttributeSource
{
    public bool CanRead { get; set; } = true;

    public StreamAttributes Value { get; set; } = Attributes.Of(("pod", "pod"));

    public bool IsReadable(int restart) => CanRead;

    public StreamAttributes Get(int restart) => Value;
}
