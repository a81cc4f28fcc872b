using System.Globalization;
using Shipper.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

public class StringPoolTests
{
    private readonly StringPool _sut = new();

    [Fact]
    public void Intern_EqualText_ReturnsTheFirstInstance()
    {
        string first = MakeText(1);

        Assert.Same(first, _sut.Intern(first));
        Assert.Same(first, _sut.Intern(MakeText(1)));
        Assert.Null(_sut.Intern(null));
    }

    [Fact]
    public void Intern_ManyTexts_ForgetsTheOldest()
    {
        string first = _sut.Intern(MakeText(0));
        for (int i = 1; i <= 10_000; i++)
        {
            _sut.Intern(MakeText(i));
        }

        string again = MakeText(0);

        Assert.Same(again, _sut.Intern(again));
        Assert.NotSame(first, again);
    }

    private static string MakeText(int number) => string.Create(CultureInfo.InvariantCulture, $"shop-{number}");
}
