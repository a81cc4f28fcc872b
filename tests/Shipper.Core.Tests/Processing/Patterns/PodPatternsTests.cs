using System.Runtime.CompilerServices;
using Shipper.Processing.Patterns;

namespace Shipper.Core.Tests.Processing.Patterns;

public class PodPatternsTests
{
    private const string Pattern = "user_[0-9]+";

    [Fact]
    public void Get_EqualPattern_IsTheSameObject()
    {
        var sut = new PodPatterns(PodPatterns.MaxNodeBytes);

        Assert.Equal(PodPatterns.Problem.None, sut.Admit(Pattern, findsAll: false));
        long bytes = sut.Bytes;

        BoundedPattern first = sut.Get(Pattern, findsAll: false)!;
        Assert.Same(first, sut.Get(Pattern, findsAll: false));
        Assert.Equal(first.Bytes, bytes);
        Assert.Equal(bytes, sut.Bytes);
        Assert.NotSame(first, sut.Get(Pattern, findsAll: true));
    }

    [Fact]
    public void Admit_LargePattern_IsRefused()
    {
        var sut = new PodPatterns(PodPatterns.MaxNodeBytes);

        Assert.Equal(PodPatterns.Problem.IsTooLarge, sut.Admit("a[ab]{20}c", findsAll: false));
        Assert.Null(sut.Get("a[ab]{20}c", findsAll: false));
        Assert.Equal(0, sut.Bytes);
    }

    [Fact]
    public void Admit_OthersAreInUse_HasNoRoomUntilTheyAreUnused()
    {
        const string Longer = "user_item_[0-9]+";
        var sut = new PodPatterns(BoundedPattern.Create(Longer, findsAll: false)!.Bytes);
        Assert.Equal(PodPatterns.Problem.HasNoRoom, AdmitWhileInUse(sut, Longer));

        Assert.Equal(PodPatterns.Problem.None, sut.Admit(Longer, findsAll: false));
        Assert.Equal(PodPatterns.Problem.None, sut.Admit(Longer, findsAll: false));
    }

    /// <summary>A checkpoint may have more rules than there is room for.</summary>
    [Fact]
    public void Get_NoRoom_IsMadeAllTheSame() => Assert.True(new PodPatterns(maxBytes: 1).Get(Pattern, findsAll: false)!.IsMatch("user_17"));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PodPatterns.Problem AdmitWhileInUse(PodPatterns sut, string other)
    {
        BoundedPattern used = sut.Get(Pattern, findsAll: false)!;
        PodPatterns.Problem problem = sut.Admit(other, findsAll: false);
        Assert.Same(used, sut.Get(Pattern, findsAll: false));
        return problem;
    }
}
