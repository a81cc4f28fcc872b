namespace Shipper.Parsing;

public class LineScannerTests
{
    [Fact]
    public void IndexOfNewline_EveryLengthAndPlace_IsAsTheSpanSays()
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
                    text[random.Next(length)] = (byte)(random.Next(2) == 0 ? '\n' : random.Next(128, 256));
                }

                int expected = text.AsSpan().IndexOf((byte)'\n');

                Assert.Equal(expected, LineScanner.IndexOfNewline(text, out bool isAscii));
                Assert.Equal(expected >= 0 && System.Text.Ascii.IsValid(text.AsSpan(0, expected)), isAscii);
            }
        }
    }
}
