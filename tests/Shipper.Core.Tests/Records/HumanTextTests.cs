using Shipper.Records;

namespace Shipper.Core.Tests.Records;

public class HumanTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1_048_575, "1.0 MiB")]
    [InlineData(52_428_800, "50 MiB")]
    [InlineData(5e15, "4.4 PiB")]
    public void Bytes_AnySize_HasFewDigits(double bytes, string expected) => Assert.Equal(expected, HumanText.Bytes(bytes));

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(9.9, "9.9 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7260, "2 h 1 min")]
    [InlineData(90_000, "1 d 1 h")]
    [InlineData(double.MaxValue, "5337599 d 13 h")]
    public void Duration_AnyLength_HasTwoUnits(double seconds, string expected) => Assert.Equal(expected, HumanText.Duration(seconds));
}
