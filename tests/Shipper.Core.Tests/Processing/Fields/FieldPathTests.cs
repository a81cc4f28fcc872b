using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class FieldPathTests
{
    [Theory]
    [InlineData("user")]
    [InlineData("user.id")]
    [InlineData("logging.googleapis.com/trace")]
    [InlineData("@timestamp")]
    [InlineData("first name")]
    [InlineData("ä")]
    public void TryParse_Valid_ReturnsThePath(string text)
    {
        Assert.True(FieldPath.TryParse(text, out FieldPath? path, out string? problem));
        Assert.Equal(text, path.Text);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(".user", "has an empty name before or behind a dot")]
    [InlineData("user.", "has an empty name before or behind a dot")]
    [InlineData("user..id", "has an empty name before or behind a dot")]
    [InlineData("$.user.id", "is not a JSONPath: write user.id")]
    [InlineData("items[0].id", "has an index: elements of arrays can't be read")]
    [InlineData("items[0]", "has an index: elements of arrays can't be read")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "has more than 16 names")]
    public void TryParse_Invalid_ReturnsTheProblem(string text, string expected)
    {
        Assert.False(FieldPath.TryParse(text, out FieldPath? path, out string? problem));
        Assert.Null(path);
        Assert.Equal(expected, problem);
        Assert.Throws<FormatException>(() => FieldPath.Parse(text));
    }

    [Fact]
    public void TryParse_TooLong_ReturnsTheProblem()
    {
        Assert.True(FieldPath.TryParse(new string('x', FieldPath.MaxBytes), out _, out _));
        Assert.False(FieldPath.TryParse(new string('x', FieldPath.MaxBytes - 1) + "ä", out _, out string? problem));
        Assert.Equal("is longer than 256 bytes", problem);
    }
}
