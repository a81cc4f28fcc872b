using System.Buffers;
using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// One line of a watch: <c>{"type":"ADDED","object":{...}}</c>. The object is not parsed, because its type depends on the event's type.
/// </summary>
/// <param name="Type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
/// <param name="Object">The object, a view of the line.</param>
internal readonly record struct WatchLine(string Type, ReadOnlySequence<byte> Object)
{
    /// <summary>Splits a line into type and object.</summary>
    /// <returns>False if the line has no type or no object.</returns>
    /// <exception cref="JsonException">The line is not valid JSON.</exception>
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
