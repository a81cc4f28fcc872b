using System.Text.Json;
using Shipper.Records;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads JSON according to tables of fields. Each method starts at the first token of a value and ends at its last token.</summary>
/// <remarks>
/// All methods throw a <see cref="JsonException"/> if the value has another type, and an exception for which <see cref="ObjectReader.IsInvalidJson"/> is true
/// if the text is not valid JSON.
/// </remarks>
internal static class FieldReader
{
    /// <summary>Reads an object.</summary>
    /// <param name="fields">The properties to read; all others are skipped.</param>
    /// <param name="target">Receives the values.</param>
    /// <returns>The target; null if the JSON value is <c>null</c>.</returns>
    public static T? ReadObject<T>(ref Utf8JsonReader json, ReadOnlySpan<JsonField<T>> fields, T target)
        where T : class
    {
        if (!IsStart(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        while (TryReadName(ref json))
        {
            ReadField<T>? read = Find(ref json, fields);
            json.Read();
            if (read is null)
            {
                json.Skip();
            }
            else
            {
                read(ref json, target);
            }
        }

        return target;
    }

    /// <summary>Reads an array, without its <c>null</c> elements.</summary>
    /// <returns>Null if the JSON value is <c>null</c>.</returns>
    public static List<T>? ReadList<T>(ref Utf8JsonReader json, ReadValue<T> read)
        where T : class
    {
        if (!IsStart(ref json, JsonTokenType.StartArray))
        {
            return null;
        }

        var list = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (read(ref json) is { } item)
            {
                list.Add(item);
            }
        }

        return list;
    }

    /// <summary>Reads an object whose values are strings.</summary>
    /// <param name="shouldKeep">Returns true for a key to keep. The values of other keys are skipped, regardless of their type.</param>
    /// <param name="maxChars">Maximum length of a value; longer values are cut.</param>
    /// <param name="maxTotalChars">Maximum length of all keys and values together; a pair that does not fit is left out.</param>
    /// <returns>Null if the JSON value is <c>null</c> or no key is kept.</returns>
    public static Dictionary<string, string>? ReadPairs(ref Utf8JsonReader json, Func<string, bool> shouldKeep, int maxChars, int maxTotalChars)
    {
        if (!IsStart(ref json, JsonTokenType.StartObject))
        {
            return null;
        }

        Dictionary<string, string>? pairs = null;
        int total = 0;
        while (TryReadName(ref json))
        {
            string key = json.GetString()!;
            json.Read();
            if (shouldKeep(key))
            {
                string value = Utf8Text.CutChars(ReadString(ref json) ?? "", maxChars);
                if (total + key.Length + value.Length <= maxTotalChars)
                {
                    total += key.Length + value.Length;
                    pairs ??= new Dictionary<string, string>(StringComparer.Ordinal);
                    pairs[key] = value;
                }
            }
            else
            {
                json.Skip();
            }
        }

        return pairs;
    }

    /// <summary>Reads a string.</summary>
    /// <returns>Null if the JSON value is <c>null</c>.</returns>
    public static string? ReadString(ref Utf8JsonReader json) =>
        json.TokenType is JsonTokenType.String or JsonTokenType.Null ? json.GetString() : throw Unexpected(json);

    public static int ReadInt32(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number) ? number : throw Unexpected(json);

    /// <summary>Reads a time (RFC 3339).</summary>
    /// <returns>Null if the JSON value is <c>null</c>.</returns>
    public static DateTimeOffset? ReadTime(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Null ? null
        : json.TokenType == JsonTokenType.String && json.TryGetDateTimeOffset(out DateTimeOffset time) ? time
        : throw Unexpected(json);

    /// <summary>Reads a boolean. A value of another type counts as false.</summary>
    public static bool ReadBoolean(ref Utf8JsonReader json)
    {
        bool value = json.TokenType == JsonTokenType.True;
        json.Skip();
        return value;
    }

    private static ReadField<T>? Find<T>(ref Utf8JsonReader json, ReadOnlySpan<JsonField<T>> fields)
    {
        foreach (JsonField<T> field in fields)
        {
            if (json.ValueTextEquals(field.Name))
            {
                return field.Read;
            }
        }

        return null;
    }

    /// <summary>True if an object or array begins here, false if the value is <c>null</c>.</summary>
    private static bool IsStart(ref Utf8JsonReader json, JsonTokenType start) =>
        json.TokenType == start || (json.TokenType == JsonTokenType.Null ? false : throw Unexpected(json));

    /// <summary>Moves to the next property's name.</summary>
    /// <returns>False at the end of the object.</returns>
    private static bool TryReadName(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.PropertyName;
    }

    private static JsonException Unexpected(Utf8JsonReader json) => new($"unexpected {json.TokenType} at byte {json.TokenStartIndex} of the object");
}
