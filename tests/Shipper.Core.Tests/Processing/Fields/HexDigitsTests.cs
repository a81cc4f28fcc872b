using System.Globalization;
using System.Text;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class HexDigitsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x0123456789abcdef)]
    [InlineData(0xfedcba9876543210)]
    [InlineData(0x99aa99aa09a0f1a9)]
    [InlineData(ulong.MaxValue)]
    public void Write_Number_WritesLowerCaseAndIsParsed(ulong value)
    {
        var text = new byte[HexDigits.Length];
        HexDigits.Write(text, value);

        Assert.Equal(value.ToString("x16", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text));
        Assert.True(HexDigits.TryParse(text, out ulong parsed));
        Assert.Equal(value, parsed);
        Assert.True(HexDigits.TryParse(Encoding.ASCII.GetBytes(value.ToString("X16", CultureInfo.InvariantCulture)), out parsed));
        Assert.Equal(value, parsed);
    }

    [Fact]
    public void TryParse_EachByteAtEachPlace_AcceptsDigitsOnly()
    {
        for (int place = 0; place < HexDigits.Length; place++)
        {
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                byte[] text = Encoding.ASCII.GetBytes("00f067aa0ba902B7");
                text[place] = (byte)value;
                Assert.Equal(char.IsAsciiHexDigit((char)value), HexDigits.TryParse(text, out _));
            }
        }
    }
}
