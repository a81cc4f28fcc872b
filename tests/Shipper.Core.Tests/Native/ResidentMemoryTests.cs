using Shipper.Native;

namespace Shipper.Core.Tests.Native;

public class ResidentMemoryTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(5_000, 100_000)]
    public void DiscardPages_PartOfAnArray_KeepsTheRest(int start, int length)
    {
        byte[] bytes = new byte[start + length + 5_000];
        bytes.AsSpan().Fill(1);

        ResidentMemory.DiscardPages(bytes.AsSpan(start, length));

        Assert.Equal(-1, bytes.AsSpan(0, start).IndexOfAnyExcept((byte)1));
        Assert.Equal(-1, bytes.AsSpan(start, length).IndexOfAnyExcept((byte)0, (byte)1));
        Assert.Equal(-1, bytes.AsSpan(start + length).IndexOfAnyExcept((byte)1));
        Assert.Equal(length > 8_192, bytes.AsSpan(start, length).Contains((byte)0));
        bytes.AsSpan().Fill(2);
        Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)2));
    }
}
