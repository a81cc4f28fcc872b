using Shipper.Status.Explaining;

namespace Shipper.Core.Tests.Status.Explaining;

public class NearestNamesTests
{
    private static readonly string[] Known = ["shop/checkout-7d9f-abcde", "shop/checkout-7d9f-xyz12", "shop/web-1", "default/web-1", "default/db"];

    [Theory]
    [InlineData("shop/web-2", "shop/web-1")]
    [InlineData("shpo/web-1", "shop/web-1", "default/web-1")]
    [InlineData("shop/checkout", "shop/checkout-7d9f-abcde", "shop/checkout-7d9f-xyz12")]
    [InlineData("Shop/Web-1", "shop/web-1", "default/web-1")]
    [InlineData("shop/payment")]
    public void Find_UnknownName_ReturnsSimilarOnes(string target, params string[] expected) => Assert.Equal(expected.Order(StringComparer.Ordinal), NearestNames.Find(target, Known).Order(StringComparer.Ordinal));
}
