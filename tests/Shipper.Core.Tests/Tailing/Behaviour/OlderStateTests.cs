namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>The state directory is older than what Loki has: it was removed, or restored from a copy.</summary>
public class OlderStateTests : LogFileFixture
{
    private static readonly Dictionary<string, byte[]> Removed = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restore_LokiHasMore_IsAskedAndNothingComesTwice(bool isRemoved)
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanTheCopyKnows(sut);

        sut.Restore(isRemoved ? Removed : copy);
        Assert.True(sut.Settle());
        sut.Find();
        Append(sut.Log, 3);
        sut.Turn();

        AssertComplete(sut);
        Assert.True(sut.Questions > 0);
        Assert.False(sut.Status.IsInDoubt);
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>Files are found and held while nothing is known, but nothing is read.</summary>
    [Fact]
    public void Restore_NotSettledYet_NothingIsSentAndNothingIsLost()
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanTheCopyKnows(sut);
        int pushes = sut.Pushes;

        sut.Restore(copy);
        sut.Find();
        Append(sut.Log, 3);
        File.Move(sut.Log, sut.Log + ".20261123-012126");
        Append(sut.Log, 2);
        sut.Find();
        File.Delete(sut.Log + ".20261123-012126");
        sut.Turn();
        Assert.Equal(pushes, sut.Pushes);

        sut.Settle();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Restore_LokiHasNoMore_IsNotAskedForAnything()
    {
        using var sut = new TailingFixture();
        SendMoreThanTheCopyKnows(sut);

        sut.Restore(sut.ReadState());
        Append(sut.Log, 3);
        sut.Find();
        Assert.False(sut.Settle());
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, sut.Questions);
    }

    /// <summary>What was under way when the agent was killed is known, too.</summary>
    [Fact]
    public void Restart_PushWasUnderWay_StateIsNotTakenForOlder()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 3);
        sut.Turn();
        IReadOnlyDictionary<string, byte[]> killed = sut.ReadState();
        sut.Answer();

        sut.Restore(killed);
        sut.Find();
        Assert.False(sut.Settle());
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>The agent is killed before all that was in doubt is settled.</summary>
    [Fact]
    public void Restore_AgentIsKilledInDoubt_NextOneIsInDoubtToo()
    {
        using var sut = new TailingFixture();
        SendMoreThanTheCopyKnows(sut);

        sut.Restore(Removed);
        Assert.True(sut.Settle());
        sut.Restart();
        sut.Find();

        AssertComplete(sut);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restore_LokiCannotBeAsked_IsSentAgainAndCountedWithoutAState(bool isRemoved)
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanTheCopyKnows(sut);

        sut.Restore(isRemoved ? Removed : copy);
        Assert.Equal(isRemoved, sut.SettleUnasked());
        sut.Find();
        Append(sut.Log, 2);
        sut.Turn();

        Assert.Equal(isRemoved ? 6 : 0, sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(0, sut.Questions);
        Assert.Equal(8, sut.Lines.Distinct().Count());
        Assert.False(sut.Status.IsInDoubt);
    }

    /// <summary>Lines without a time of their own can't be asked for.</summary>
    [Fact]
    public void Restore_PlainLines_AreSentAgainAndCounted()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        Append(sut.Log, 4);
        sut.Find();

        sut.Restore(Removed);
        Assert.True(sut.Settle());
        sut.Find();
        Append(sut.Log, 2);
        sut.Turn();

        Assert.Equal(4, sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(10, sut.Lines.Count());
    }

    /// <returns>The state as it was before the last lines.</returns>
    private IReadOnlyDictionary<string, byte[]> SendMoreThanTheCopyKnows(TailingFixture sut)
    {
        Append(sut.Log, 3);
        sut.Find();
        sut.EndFirstStart();
        IReadOnlyDictionary<string, byte[]> copy = sut.ReadState();
        Append(sut.Log, 3);
        sut.Turn();
        return copy;
    }
}
