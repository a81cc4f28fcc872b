using Shipper.Parsing;

namespace Shipper.Core.Tests.Parsing;

public class LineScannerTests
{
    [Fact]
    public void IndexOfNewline_EveryLengthAndPosition_AgreesWithTheFramework()
    {
        var random = new Random(1);
        for (int length = 0; length < 200; length++)
        {
            for (int round = 0; round < 50; round++)
            {
                var text = new byte[length];
                for (int i = 0; i < length; i++)
                {
                    text[i] = (byte)random.Next('a', 'z');
                }

                for (int n = random.Next(3); n > 0 && length > 0; n--)
                {
                    text[random.Next(length)] = (byte)(random.Next(3) switch { 0 => '\n', 1 => 0, _ => random.Next(128, 256) });
                }

                int expected = text.AsSpan().IndexOf((byte)'\n');

                Assert.Equal(expected, LineScanner.IndexOfNewline(text, out bool isText));
                Assert.Equal(expected >= 0 && !text.AsSpan(0, expected).ContainsAnyExceptInRange((byte)1, (byte)127), isText);
            }
        }
    }
}
