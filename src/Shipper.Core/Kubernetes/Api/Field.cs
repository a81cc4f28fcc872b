using System.Text;

namespace Shipper.Kubernetes.Api;

/// <summary>A property that is read of an object; other properties are skipped.</summary>
/// <param name="name">Its name.</param>
/// <param name="read">Reads its value.</param>
internal readonly struct Field<T>(string name, ReadField<T> read)
{
    /// <summary>The name in UTF-8.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    public ReadField<T> Read { get; } = read;
}
