using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Tailing.Held;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Logs that kubelet deletes once the agent has stopped: the agent's own log, and those of pods that are being deleted.</summary>
public class PendingDeletionTests : LogFileFixture
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_LokiUnavailableAndPodDeleted_NextAgentSendsEverything(bool isOwn)
    {
        using TailingFixture sut = Create(isOwn);
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

        OwnLogTail? tail = sut.SavePendingDeletion();
        Assert.Equal(isOwn, tail is not null);
        if (isOwn)
        {
            Append(sut.Log, 3);
            await SaveAsync(tail!);
        }

        File.Delete(rotated);
        File.Delete(sut.Log);
        sut.Restart();
        sut.AcceptAll();
        sut.FindDeleted();
        Finish(sut);

        AssertComplete(sut);
        Assert.Empty(sut.Notices);
        Assert.Empty(sut.Copies);
    }

    /// <summary>The pod stays and its container restarts: the files still exist, so the copies must not be read as well.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_ContainerRestarts_SendsNothingTwice(bool isRotated)
    {
        using TailingFixture sut = Create(isOwn: true);
        Append(sut.Log, 100);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 1000);
        sut.Turn();

        OwnLogTail tail = sut.SavePendingDeletion()!;
        Append(sut.Log, 3);
        await SaveAsync(tail);
        Append(sut.Log, 1);
        if (isRotated)
        {
            File.Move(sut.Log, sut.Log + ".20261123-012801");
            Append(sut.Log, 1);
        }

        sut.Restart();
        sut.AcceptAll();
        sut.Find();
        Append(Path.Combine(Path.GetDirectoryName(sut.Log)!, "1.log"), 10);
        sut.Turn();
        Finish(sut);

        AssertComplete(sut);
        Assert.Empty(sut.Copies);
    }

    /// <summary>Everything was sent, but the agent still writes messages while it stops.</summary>
    [Fact]
    public async Task Stop_OwnLogAcknowledged_SavesLastLines()
    {
        using TailingFixture sut = Create(isOwn: true);
        Append(sut.Log, 100);
        sut.Find();

        OwnLogTail tail = sut.SavePendingDeletion()!;
        Append(sut.Log, 2);
        await SaveAsync(tail);
        File.Delete(sut.Log);
        sut.Restart();
        sut.FindDeleted();
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

        Assert.Null(sut.SavePendingDeletion());

        Assert.Empty(sut.Copies);
    }

    [Fact]
    public void Stop_HeldBytesUsedUp_SavesNothingAndLogsIt()
    {
        using var sut = new TailingFixture(budget: new HeldBudget(1000)) { CustomAttributes = new PendingDeletionAttributes(isOwn: true) };
        Append(sut.Log, 1);
        sut.Find();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 100);
        sut.Turn();

        sut.SavePendingDeletion();

        Assert.Empty(sut.Copies);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("heldBytes is used up", StringComparison.Ordinal));
    }

    private static TailingFixture Create(bool isOwn) => new(batchBytes: 1000) { CustomAttributes = new PendingDeletionAttributes(isOwn) };

    private static void Finish(TailingFixture sut)
    {
        sut.TurnWithoutEvent();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.TurnWithoutEvent();
    }

    private static async Task SaveAsync(OwnLogTail tail)
    {
        var time = new FakeTimeProvider();
        Task saving = tail.SaveAsync(time);
        while (!saving.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        await saving;
    }

    private sealed class PendingDeletionAttributes(bool isOwn) : IAttributeSource
    {
        private readonly StreamAttributes _attributes = Attributes.Of(("pod", "pod"));

        public bool IsOwnLog => isOwn;

        public bool MayDisappear => true;

        public bool IsReadable(int restart) => true;

        public StreamAttributes Get(int restart) => _attributes;
    }
}
