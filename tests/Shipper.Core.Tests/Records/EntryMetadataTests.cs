using System.Text;
using Shipper.Records;

namespace Shipper.Core.Tests.Records;

public class EntryMetadataTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 102)]
    [InlineData(20, 103)]
    [InlineData(20, 104)]
    [InlineData(20, 105)]
    [InlineData(20, 127)]
    [InlineData(20, 128)]
    [InlineData(20, 4_096)]
    [InlineData(126, 1)]
    [InlineData(127, 1)]
    [InlineData(128, 1)]
    [InlineData(128, 16_000)]
    public void Write_EachLength_IsReadAgain(int nameLength, int valueLength)
    {
        byte[] name = Encoding.ASCII.GetBytes(new string('n', nameLength));
        byte[] value = Encoding.ASCII.GetBytes(new string('v', valueLength));
        byte[] encoded = [.. EntryMetadata.Encode("first"u8, "1"u8), .. EntryMetadata.Encode(name, value), .. EntryMetadata.Encode("last"u8, "3"u8)];

        ReadOnlySpan<byte> rest = EntryMetadata.Read(encoded, out _, out _);
        rest = EntryMetadata.Read(rest, out ReadOnlySpan<byte> readName, out ReadOnlySpan<byte> readValue);

        Assert.Equal(name, readName);
        Assert.Equal(value, readValue);
        Assert.Equal(EntryMetadata.Encode("last"u8, "3"u8), rest);
        Assert.Equal(encoded.Length - rest.Length - EntryMetadata.Length("first"u8, "1"u8), EntryMetadata.Length(name, value));
        Assert.Equal(0b1011UL, new MetadataNames([name, "last"u8.ToArray(), "las"u8.ToArray(), "first"u8.ToArray()]).FindIn(encoded));
    }
}
