using System.Text;
using Shipper.Processing;

namespace Shipper.Core.Tests.Processing.Fields;

/// <summary>Runs a stage and decodes the structured metadata that it adds.</summary>
internal static class Metadata
{
    /// <summary>Returns the pairs of a line's draft after a stage, as <c>name=value</c>.</summary>
    public static List<string> Of(ProcessingStage stage, string line, byte[]? before = null) => Of(stage, Encoding.UTF8.GetBytes(line), before);

    /// <inheritdoc cref="Of(ProcessingStage, string, byte[])"/>
    public static List<string> Of(ProcessingStage stage, byte[] line, byte[]? before = null, bool isRemainder = false)
    {
        var draft = new RecordDraft { Line = line, Length = line.Length, IsAscii = Ascii.IsValid(line), Metadata = before, IsRemainder = isRemainder };

        Assert.Equal(StageVerdict.Keep, stage.Apply(ref draft, new StageContext(64 * 1024)));

        Assert.Equal(line, draft.Line);
        return Decode(draft.Metadata);
    }

    // All lengths in tests of pairs fit into two bytes of a varint.
    private static List<string> Decode(ReadOnlySpan<byte> encoded)
    {
        var pairs = new List<string>();
        while (!encoded.IsEmpty)
        {
            ReadOnlySpan<byte> pair = Field(encoded, out encoded);
            string name = Encoding.UTF8.GetString(Field(pair, out pair));
            pairs.Add($"{name}={Encoding.UTF8.GetString(Field(pair, out _))}");
        }

        return pairs;
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> rest)
    {
        int size = encoded[1] < 0x80 ? 1 : 2;
        int length = size == 1 ? encoded[1] : (encoded[1] & 0x7F) | (encoded[2] << 7);
        rest = encoded[(1 + size + length)..];
        return encoded.Slice(1 + size, length);
    }
}
