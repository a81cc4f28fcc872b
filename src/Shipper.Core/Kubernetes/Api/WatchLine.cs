using System.Buffers;
using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// One line of a watch: <c>{"type":"ADDED","object":{...}}</c>. The object is left as it is, because its type depends on the event's.
/// </summary>
/// <param name="Type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
/// <param name="Object">The object, a view of the line.</param>
internal readonly record struct WatchLine(string Type, ReadOnlySequence<byte> Object)
{
    /// <summary>Takes a line apart.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static bool TryRead(ReadOnlySequence<byte> line, out WatchLine read)
    {
        read = default;
        var json = new Utf8JsonReader(line);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        string? type = null;
        ReadOnlySequence<byte>? value = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = json.ValueTextEquals("type"u8);
            bool isObject = json.ValueTextEquals("object"u8);
            json.Read();
            long start = json.TokenStartIndex;
            if (isType && json.TokenType == JsonTokenType.String)
            {
                type = json.GetString();
            }

            json.Skip();
            if (isObject)
            {
                value = line.Slice(start, json.BytesConsumed - start);
            }
        }

        if (type is null || value is null)
        {
            return false;
        }

        read = new WatchLine(type, value.Value);
        return true;
    }
}
