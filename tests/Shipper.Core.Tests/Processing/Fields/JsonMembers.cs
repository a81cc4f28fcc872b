using System.Text;
using System.Text.Json;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

/// <summary>The members of a JSON object in a comparable form, as <see cref="JsonScanner"/> and as .NET's reader find them.</summary>
internal static class JsonMembers
{
    /// <summary>The members that the scanner finds, if it enters all objects.</summary>
    public static List<string> Scan(ReadOnlySpan<byte> text, out bool isComplete)
    {
        var members = new List<string>();
        var sut = new JsonScanner(text);
        while (sut.Read())
        {
            Assert.Equal(sut.Value, text.Slice(sut.ValueStart, sut.Value.Length));
            members.Add(Describe(sut.Depth, sut.Key, sut.Kind, sut.Value));
            sut.Enter();
        }

        Assert.False(sut.Read());
        isComplete = sut.IsComplete;
        return members;
    }

    /// <summary>The members before the first syntax error, as .NET finds them.</summary>
    public static List<string> Read(ReadOnlySpan<byte> text, out bool isComplete)
    {
        var members = new List<string>();
        var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = JsonScanner.MaxDepth }));
        isComplete = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return members;
            }

            while (reader.CurrentDepth > 0 || reader.TokenType != JsonTokenType.EndObject)
            {
                if (!reader.Read())
                {
                    return members;
                }

                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                byte[] key = reader.ValueSpan.ToArray();
                int depth = reader.CurrentDepth;
                if (!reader.Read())
                {
                    return members;
                }

                JsonKind kind = KindOf(reader.TokenType);
                members.Add(Describe(depth, key, kind, kind is JsonKind.Object or JsonKind.Array ? [] : reader.ValueSpan));
                if (kind == JsonKind.Array && !reader.TrySkip())
                {
                    return members;
                }
            }

            isComplete = true;
        }
        catch (JsonException)
        {
            // The members before the error remain.
        }

        return members;
    }

    private static JsonKind KindOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => JsonKind.Object,
        JsonTokenType.StartArray => JsonKind.Array,
        JsonTokenType.String => JsonKind.String,
        JsonTokenType.Number => JsonKind.Number,
        JsonTokenType.True => JsonKind.True,
        JsonTokenType.False => JsonKind.False,
        _ => JsonKind.Null,
    };

    // In Latin-1 each byte is one character.
    private static string Describe(int depth, ReadOnlySpan<byte> key, JsonKind kind, ReadOnlySpan<byte> value) =>
        $"{depth} {Encoding.Latin1.GetString(key)} {kind} {Encoding.Latin1.GetString(value)}";
}
