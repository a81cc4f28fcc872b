using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads labels and annotations, and keeps those whose key is wanted: all annotations of one pod may be 256 KiB
/// (TotalAnnotationSizeLimitB of the API server), and the rest of them is never made a string.
/// </summary>
/// <param name="keeps">True for a key that is wanted.</param>
internal sealed class KeptPairsConverter(Func<string, bool> keeps) : JsonConverter<Dictionary<string, string>>
{
    /// <summary>What a label's value can have at most is 63; an annotation's is cut here, so that 110 pods stay small.</summary>
    public const int MaxValueChars = 4 * 1024;

    public override Dictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("labels or annotations are no object");
        }

        Dictionary<string, string>? pairs = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && keeps(key))
            {
                pairs ??= new Dictionary<string, string>(StringComparer.Ordinal);
                pairs[key] = Cut(reader.GetString()!);
            }
            else
            {
                reader.Skip();
            }
        }

        return pairs;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("BUG: nothing is written to the API server");

    private static string Cut(string value)
    {
        if (value.Length <= MaxValueChars)
        {
            return value;
        }

        // Half of a pair would be no text.
        return value[..(char.IsHighSurrogate(value[MaxValueChars - 1]) ? MaxValueChars - 1 : MaxValueChars)];
    }
}
