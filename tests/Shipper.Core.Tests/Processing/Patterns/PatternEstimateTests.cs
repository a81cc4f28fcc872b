using Shipper.Processing.Patterns;

namespace Shipper.Core.Tests.Processing.Patterns;

public class PatternEstimateTests
{
    [Theory]
    [MemberData(nameof(BoundedPatternTests.Ordinary), MemberType = typeof(BoundedPatternTests))]
    [InlineData(@"\b(?:\d[ -]*?){13,16}\b")]
    [InlineData(@"(?:4[0-9]{12}(?:[0-9]{3})?|[25][1-7][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})")]
    [InlineData(@"(?:GET|POST|PUT) \S{1,2048} HTTP")]
    [InlineData(@"ey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")]
    public void IsTooLarge_OrdinaryPattern_IsFalse(string pattern) => Assert.False(PatternEstimate.IsTooLarge(pattern));

    /// <summary>One line of 16 KiB takes .NET from a second to minutes, and up to gigabytes.</summary>
    [Theory]
    [InlineData("(?:.{0,16}foo){4}x")]
    [InlineData("(?:.{0,32}foo){2}x")]
    [InlineData("(?:[ab]{0,30}a){3}c")]
    [InlineData("(?:[ab]{0,9}a){30}c")]
    [InlineData("((a|b){0,20}(c|d){0,20}){0,20}x")]
    [InlineData("((a|b){1,40}c?){1,40}x")]
    public void IsTooLarge_CountedPartsOverlap_IsTrue(string pattern) => Assert.True(PatternEstimate.IsTooLarge(pattern));
}
