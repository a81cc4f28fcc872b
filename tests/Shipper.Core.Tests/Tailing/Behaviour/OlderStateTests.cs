namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>The state directory is older than the data in Loki: it was removed, or restored from a copy.</summary>
public class OlderStateTests : LogFileFixture
{
    private static readonly Dictionary<string, byte[]> Removed = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restore_LokiHasMore_QueriesLokiAndSendsNothingTwice(bool isRemoved)
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanCopyKnows(sut);

        sut.Restore(isRemoved ? Removed : copy);
        Assert.True(sut.Settle());
        sut.Find();
        Append(sut.Log, 3);
        sut.Turn();

        AssertComplete(sut);
        Assert.True(sut.Queries > 0);
        Assert.False(sut.Status.HasUnconfirmed);
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>Until it is known what Loki has, files are found and held, but not read.</summary>
    [Fact]
    public void Restore_LokiNotQueriedYet_SendsNothingAndLosesNothing()
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanCopyKnows(sut);
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
    public void Restore_LokiHasNoMore_SendsNoQueries()
    {
        using var sut = new TailingFixture();
        SendMoreThanCopyKnows(sut);

        sut.Restore(sut.ReadState());
        Append(sut.Log, 3);
        sut.Find();
        Assert.False(sut.Settle());
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, sut.Queries);
    }

    /// <summary>The state also contains the push that was pending when the agent was killed.</summary>
    [Fact]
    public void Restore_PushWasPending_DoesNotTakeStateForOlder()
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

    /// <summary>The agent is killed before it has asked Loki for all unconfirmed records.</summary>
    [Fact]
    public void Restore_KilledBeforeUnconfirmedAreResolved_SendsNothingTwice()
    {
        using var sut = new TailingFixture();
        SendMoreThanCopyKnows(sut);

        sut.Restore(Removed);
        Assert.True(sut.Settle());
        sut.Restart();
        sut.Find();

        AssertComplete(sut);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restore_LokiCannotBeQueried_CountsPossibleDuplicatesOnlyWithoutState(bool isRemoved)
    {
        using var sut = new TailingFixture();
        IReadOnlyDictionary<string, byte[]> copy = SendMoreThanCopyKnows(sut);

        sut.Restore(isRemoved ? Removed : copy);
        Assert.Equal(isRemoved, sut.SettleWithoutLoki());
        sut.Find();
        Append(sut.Log, 2);
        sut.Turn();

        Assert.Equal(isRemoved ? 6 : 0, sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(0, sut.Queries);
        Assert.Equal(8, sut.Lines.Distinct().Count());
        Assert.False(sut.Status.HasUnconfirmed);
    }

    /// <summary>The agent can't query Loki for lines without a timestamp.</summary>
    [Fact]
    public void Restore_PlainLines_ResendsThemAndCountsPossibleDuplicates()
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

    /// <returns>The state from before the last lines were sent.</returns>
    private IReadOnlyDictionary<string, byte[]> SendMoreThanCopyKnows(TailingFixture sut)
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
