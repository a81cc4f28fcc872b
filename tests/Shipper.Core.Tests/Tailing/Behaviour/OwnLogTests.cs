using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Tailing.Held;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Logs that kubelet deletes once the agent has stopped: its own, and those of pods that are being deleted.</summary>
public class OwnLogTests : LogFileFixture
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_LokiIsAwayAndThePodIsDeleted_NextAgentSendsAllOfIt(bool isOwn)
    {
        using TailingFixture sut = Make(isOwn);
        Append(sut.Log, 1000);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 1000);
        sut.Turn();
        string rotated = sut.Log + ".20261123-012801";
        File.Move(sut.Log, rotated);
        Append(sut.Log, 100);
        sut.Turn();
        Append(sut.Log, 10);

        LastWords? lastWords = sut.SaveGoing();
        Assert.Equal(isOwn, lastWords is not null);
        if (isOwn)
        {
            Append(sut.Log, 3);
            await SaveAsync(lastWords!);
        }

        File.Delete(rotated);
        File.Delete(sut.Log);
        sut.Restart();
        sut.TakeAll();
        sut.FindGone();
        Finish(sut);

        AssertComplete(sut);
        Assert.Empty(sut.Notices);
        Assert.Empty(sut.Copies);
    }

    /// <summary>The pod stays, and its container is started again: the files are there, and the copies are not read as well.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_ContainerIsStartedAgain_NothingIsSentTwice(bool isRotated)
    {
        using TailingFixture sut = Make(isOwn: true);
        Append(sut.Log, 100);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 1000);
        sut.Turn();

        LastWords lastWords = sut.SaveGoing()!;
        Append(sut.Log, 3);
        await SaveAsync(lastWords);
        Append(sut.Log, 1);
        if (isRotated)
        {
            File.Move(sut.Log, sut.Log + ".20261123-012801");
            Append(sut.Log, 1);
        }

        sut.Restart();
        sut.TakeAll();
        sut.Find();
        Append(Path.Combine(Path.GetDirectoryName(sut.Log)!, "1.log"), 10);
        sut.Turn();
        Finish(sut);

        AssertComplete(sut);
        Assert.Empty(sut.Copies);
    }

    /// <summary>All was sent; what the agent says while it stops is still to come.</summary>
    [Fact]
    public async Task Stop_AllOfTheOwnLogIsAcknowledged_SavesTheLastWords()
    {
        using TailingFixture sut = Make(isOwn: true);
        Append(sut.Log, 100);
        sut.Find();

        LastWords lastWords = sut.SaveGoing()!;
        Append(sut.Log, 2);
        await SaveAsync(lastWords);
        File.Delete(sut.Log);
        sut.Restart();
        sut.FindGone();
        Finish(sut);

        AssertComplete(sut);
        Assert.Empty(sut.Notices);
    }

    [Fact]
    public void Stop_PodStays_SavesNothing()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 100);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 100);
        sut.Turn();

        Assert.Null(sut.SaveGoing());

        Assert.Empty(sut.Copies);
    }

    [Fact]
    public void Stop_NoMoreMayBeHeld_SaysSo()
    {
        using var sut = new TailingFixture(budget: new HeldBudget(1000)) { AttributesOf = new GoingAttributes(isOwn: true) };
        Append(sut.Log, 1);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 100);
        sut.Turn();

        sut.SaveGoing();

        Assert.Empty(sut.Copies);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("heldBytes is used up", StringComparison.Ordinal));
    }

    private static TailingFixture Make(bool isOwn) => new(batchBytes: 1000) { AttributesOf = new GoingAttributes(isOwn) };

    private static void Finish(TailingFixture sut)
    {
        sut.TurnUnseen();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.TurnUnseen();
    }

    private static async Task SaveAsync(LastWords lastWords)
    {
        var time = new FakeTimeProvider();
        Task saving = lastWords.SaveAsync(time);
        while (!saving.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        await saving;
    }

    private sealed class GoingAttributes(bool isOwn) : IAttributeSource
    {
        private readonly StreamAttributes _attributes = Attributes.Of(("pod", "pod"));

        public bool IsOwn => isOwn;

        public bool IsGoing => true;

        public bool IsReadable(int restart) => true;

        public StreamAttributes Get(int restart) => _attributes;
    }
}
