using System.Globalization;
using System.Text;
using Shipper.Parsing;

namespace Shipper.Core.Tests.Parsing;

public class TimestampParserTests
{
    private readonly TimestampParser _sut = new();

    [Theory]
    [InlineData("2026-11-23T01:21:26.106267835Z", 1795396886106267835)]
    [InlineData("2026-11-23T01:21:26.10630512Z", 1795396886106305120)]
    [InlineData("2026-11-23T01:21:26.1Z", 1795396886100000000)]
    [InlineData("2026-11-23T01:21:26Z", 1795396886000000000)]
    [InlineData("2026-11-23T10:21:26.5+09:00", 1795396886500000000)]
    [InlineData("2026-11-22T20:21:26.000000001-05:00", 1795396886000000001)]
    [InlineData("2026-11-23T01:21:26.1062678359999Z", 1795396886106267835)]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2000-02-29T23:59:60Z", 951868800000000000)]
    public void TryParse_ValidTime_ReturnsNanosecondsAndLength(string text, long expected)
    {
        Assert.True(_sut.TryParse(Encoding.UTF8.GetBytes(text + " rest"), out long timestampNs, out int length));
        Assert.Equal(expected, timestampNs);
        Assert.Equal(text.Length, length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23T01:21:26")]
    [InlineData("2026-11-23T01:21:26.Z")]
    [InlineData("2026-11-23T01:21:26.1")]
    [InlineData("2026-11-23 01:21:26Z")]
    [InlineData("2026-13-23T01:21:26Z")]
    [InlineData("2026-02-29T01:21:26Z")]
    [InlineData("2026-11-23T24:21:26Z")]
    [InlineData("2026-11-23T01:60:26Z")]
    [InlineData("2026-11-23T01:21:61Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2262-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:00+09:00")]
    [InlineData("2026-11-23T01:21:26+24:00")]
    [InlineData("2026-11-23T01:21:26+0900")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Z")]
    public void TryParse_InvalidTime_ReturnsFalse(string text) =>
        Assert.False(_sut.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void TryParse_RandomTimes_AgreesWithTheFramework()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            // Consecutive times often share their second, so that both paths through the parser are taken.
            var time = new DateTime(DateTime.UnixEpoch.Ticks + random.NextInt64(0, 80_000_000) * 1_000_000_000, DateTimeKind.Utc);
            for (int j = 0; j < 2; j++)
            {
                string text = time.AddTicks(random.Next(10_000_000)).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
                long expected = (DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).Ticks - DateTime.UnixEpoch.Ticks) * 100;

                Assert.True(_sut.TryParse(Encoding.UTF8.GetBytes(text), out long timestampNs, out _), text);
                Assert.Equal(expected, timestampNs);
            }
        }
    }
}
