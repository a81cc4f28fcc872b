using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Literals;

namespace Shipper.Core.Tests.Processing.Literals;

public class LiteralSetTests
{
    [Fact]
    public void IndexOfAny_RandomTexts_FindsWhatASimpleSearchFinds()
    {
        var random = new Random(1);
        for (int run = 0; run < 3_000; run++)
        {
            // Few different bytes, so that literals overlap and contain each other.
            byte[] alphabet = [.. "abABé-"u8[..random.Next(2, 8)]];
            Literal[] literals = [.. Enumerable.Range(0, random.Next(0, 20)).Select(_ => new Literal(Text(random, alphabet, random.Next(1, 8)), random.Next(2) == 0))];
            var sut = new LiteralSet(literals);
            for (int i = 0; i < 10; i++)
            {
                // Bytes that are in no literal keep the matches apart.
                byte[] text = Text(random, random.Next(2) == 0 ? alphabet : [.. alphabet, .. "xxxxxxxxxxxxxxxx"u8], random.Next(100));
                int start = random.Next(text.Length + 1);

                int index = sut.IndexOfAny(text, start, out int literal);

                Assert.Equal(FindSimply(literals, text, start), (index, literal));
                Assert.Equal(FindSimply(literals, text, 0).Index >= 0, sut.ContainsAny(text));
            }
        }
    }

    [Theory]
    [InlineData("ghp_", 0)]
    [InlineData("PASSWORD", 1)]
    [InlineData("password", 1)]
    [InlineData("PaSsWoRd", 1)]
    [InlineData("-----BEGIN", 2)]
    [InlineData("пароль", 3)]
    public void IndexOfAny_LiteralAtAnyPlace_IsFound(string text, int expected)
    {
        var sut = new LiteralSet(
            [new Literal("ghp_"u8, ignoreCase: false), new Literal("password"u8, ignoreCase: true), new Literal("-----BEGIN"u8, ignoreCase: false), new Literal("пароль"u8, ignoreCase: false)]);
        for (int before = 0; before < 80; before++)
        {
            for (int after = 0; after < 40; after++)
            {
                byte[] line = Encoding.UTF8.GetBytes(new string('.', before) + text + new string('.', after));

                Assert.Equal((before, expected), (sut.IndexOfAny(line, 0, out int literal), literal));
                Assert.Equal(-1, sut.IndexOfAny(line, before + 1, out literal));
                Assert.Equal(-1, literal);
            }
        }
    }

    [Fact]
    public void IndexOfAny_OtherCase_IsFoundOnlyIfCaseMakesNoDifference()
    {
        Assert.True(new LiteralSet(["Token"u8.ToArray()], ignoreCase: true).ContainsAny("the TOKEN is"u8));
        Assert.False(new LiteralSet(["Token"u8.ToArray()]).ContainsAny("the TOKEN is"u8));
    }

    [Fact]
    public void IndexOfAny_SeveralAtTheSamePlace_ReturnsTheFirstOfTheList()
    {
        Assert.Equal(4, new LiteralSet(["token"u8.ToArray(), "tok"u8.ToArray()]).IndexOfAny("the token"u8, 0, out int literal));
        Assert.Equal(0, literal);
        Assert.Equal(4, new LiteralSet(["tok"u8.ToArray(), "token"u8.ToArray()]).IndexOfAny("the token"u8, 0, out literal));
        Assert.Equal(0, literal);
    }

    [Fact]
    public void IndexOfAny_NoLiteralsOrNoText_FindsNothing()
    {
        Assert.Equal(-1, new LiteralSet(Array.Empty<Literal>()).IndexOfAny("a line that is longer than a vector of sixteen bytes"u8, 0, out _));
        Assert.Equal(-1, new LiteralSet(["a"u8.ToArray()]).IndexOfAny([], 0, out _));
    }

    [Fact]
    public void IndexOfAny_ManyCalls_AllocatesNothing()
    {
        var sut = new LiteralSet(["password"u8.ToArray(), "secret"u8.ToArray(), "token"u8.ToArray()], ignoreCase: true);
        byte[] line = "2026-03-12T10:15:32.123Z INFO the client asked for a Token and the password, and then for a secret"u8.ToArray();
        Assert.Equal(3_000, Count(sut, line, 1_000));

        Assert.Equal(0, Allocation.Least(() => Count(sut, line, 10_000)));
    }

    private static int Count(LiteralSet sut, byte[] line, int times)
    {
        int found = 0;
        for (int i = 0; i < times; i++)
        {
            for (int index = sut.IndexOfAny(line, 0, out _); index >= 0; index = sut.IndexOfAny(line, index + 1, out _))
            {
                found++;
            }
        }

        return found;
    }

    private static byte[] Text(Random random, byte[] alphabet, int length)
    {
        var text = new byte[length];
        for (int i = 0; i < length; i++)
        {
            text[i] = alphabet[random.Next(alphabet.Length)];
        }

        return text;
    }

    private static (int Index, int Literal) FindSimply(Literal[] literals, byte[] text, int start)
    {
        for (int index = start; index < text.Length; index++)
        {
            for (int literal = 0; literal < literals.Length; literal++)
            {
                string part = Encoding.Latin1.GetString(text, index, Math.Min(literals[literal].Text.Length, text.Length - index));
                StringComparison comparison = literals[literal].IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
                if (part.Equals(Encoding.Latin1.GetString(literals[literal].Text), comparison))
                {
                    return (index, literal);
                }
            }
        }

        return (-1, -1);
    }
}
