using Shipper.Discovery;
using Shipper.Loki;

namespace Shipper.Core.Tests.Support;

/// <summary>Attributes of a container that have only labels.</summary>
internal static class Attributes
{
    public static LogKind Kind { get; } = KindOf(new TailerOptions());

    public static LogKind KindOf(TailerOptions options) => new(LogKind.Container, HasHeaders: true, options);

    public static StreamAttributes Of(StreamLabels labels) => new(labels, [], hasOutput: true);

    public static StreamAttributes Of(params (string Name, string Value)[] labels) =>
        Of(StreamLabels.Create(labels.Select(label => KeyValuePair.Create(label.Name, label.Value))));

    public static IAttributeSource Fixed(StreamLabels labels) => new FixedAttributes(Of(labels));
}
