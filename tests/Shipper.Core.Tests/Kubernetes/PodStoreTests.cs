using Microsoft.Extensions.Time.Testing;
using Shipper.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

public class PodStoreTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Find_StaticPodByTheHashInItsPath_ReturnsIt()
    {
        PodStore sut = Recorded.ListedPods(Recorded.Needs());

        PodInfo pod = sut.Find("kube-system", "static-web-real-1", "81160f409cd11d8316931804dd2da2ff")!;

        Assert.Equal("bb048e30-3278-4cf6-9c60-7d1bf6261dbc", pod.Uid);
        Assert.Same(pod, sut.Find("kube-system", "static-web-real-1", pod.Uid));
        Assert.Same(pod, sut.Find("kube-system", "static-web-real-1", ""));
    }

    /// <summary>Anybody may write the annotation.</summary>
    [Fact]
    public void Find_HashOfAnotherPod_ReturnsNothing()
    {
        PodStore sut = Recorded.ListedPods(Recorded.Needs());
        PodInfo victim = sut.Find("shop", "db-0", "")!;

        sut.Put(Recorded.Pod("evil", "u1", annotations: new() { [PodReader.ConfigHashAnnotation] = victim.Uid }));

        Assert.Same(victim, sut.Find("shop", "db-0", victim.Uid));
        Assert.Null(sut.Find("shop", "evil", victim.Uid));
        Assert.Null(sut.Find("n", "evil", "81160f409cd11d8316931804dd2da2ff"));
    }

    [Fact]
    public void Find_WithoutUid_ReturnsTheNewestOfThatName()
    {
        PodStore sut = Create();
        DateTimeOffset time = _time.GetUtcNow();

        sut.Put(Recorded.Pod("p", "new", created: time.AddMinutes(1)));
        sut.Put(Recorded.Pod("p", "old", created: time));
        Assert.Equal("new", sut.Find("n", "p", "")!.Uid);

        sut.Delete(Recorded.Pod("p", "old", created: time));
        Assert.Equal("new", sut.Find("n", "p", "")!.Uid);
        Assert.True(sut.Find("n", "p", "old")!.IsDeleted);
    }

    [Fact]
    public void Replace_MissingPods_MarksThemAsDeleted()
    {
        PodStore sut = Create();
        Assert.False(sut.IsComplete);
        sut.Replace([Recorded.Pod("a", "u1"), Recorded.Pod("b", "u2")]);
        Assert.True(sut.IsComplete);
        var changed = new List<string>();
        sut.Changed += pod => changed.Add($"{pod.Name} {pod.IsDeleted}");
        long version = sut.Version;

        sut.Replace([Recorded.Pod("b", "u2"), Recorded.Pod("c", "u3")]);

        Assert.Equal(["c False", "a True"], changed);
        Assert.Equal(version + 2, sut.Version);
        Assert.Equal(2, sut.Count);
        Assert.True(sut.Find("n", "a", "u1")!.IsDeleted);
    }

    [Fact]
    public void Put_OnlyIgnoredFieldsChanged_ChangesNothing()
    {
        PodStore sut = Create();
        sut.Put(Recorded.Pod("a", "u1"));
        long version = sut.Version;
        sut.Changed += _ => Assert.Fail("nothing changed");

        sut.Put(Recorded.Pod("a", "u1", labels: new() { ["other"] = "x" }));

        Assert.Equal(version, sut.Version);
    }

    [Fact]
    public void Put_DeletedPodIsListedAgain_KeepsIt()
    {
        PodStore sut = Create();
        sut.Put(Recorded.Pod("a", "u1"));
        sut.Replace([]);
        sut.Replace([Recorded.Pod("a", "u1")]);

        _time.Advance(PodStore.DeletedPodRetention * 2);

        Assert.False(sut.Find("n", "a", "u1")!.IsDeleted);
        Assert.NotNull(sut.Find("n", "a", ""));
    }

    [Fact]
    public void Delete_MoreThanTheMaximum_ForgetsTheOldest()
    {
        PodStore sut = Create();
        for (int i = 0; i <= PodStore.MaxDeletedPods; i++)
        {
            sut.Delete(Recorded.Pod($"p{i}", $"u{i}"));
        }

        Assert.Null(sut.Find("n", "p0", "u0"));
        Assert.NotNull(sut.Find("n", "p1", "u1"));
        Assert.Equal(0, sut.Count);
    }

    private PodStore Create() => new(Recorded.Needs(), _time);
}
