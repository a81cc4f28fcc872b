using System.Text;

namespace Shipper.Kubernetes.Api;

/// <summary>A property of a JSON object that is read; all other properties are skipped.</summary>
/// <param name="name">The property's name.</param>
/// <param name="read">Reads the property's value.</param>
internal readonly struct JsonField<T>(string name, ReadField<T> read)
{
    /// <summary>The name in UTF-8.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    public ReadField<T> Read { get; } = read;
}
