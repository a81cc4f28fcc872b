using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Checkpoints;

public class StateLockTests
{
    private readonly RecordedLog _log = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task AcquireAsync_HeldByAnotherAgent_WaitsForRelease()
    {
        using var directory = new TemporaryDirectory();
        StateLock first = await AcquireAsync(directory);
        Task<StateLock> second = AcquireAsync(directory);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(second.IsCompleted);

        first.Dispose();
        await AdvanceUntilCompletedAsync(second);

        (await second).Dispose();
        Assert.Contains(_log.Messages, message => message.Contains("Another agent holds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AcquireAsync_HeldForAMinute_ThrowsWithReason()
    {
        using var directory = new TemporaryDirectory();
        using StateLock first = await AcquireAsync(directory);
        Task<StateLock> second = AcquireAsync(directory);

        await AdvanceUntilCompletedAsync(second);

        StateUnavailableException error = await Assert.ThrowsAsync<StateUnavailableException>(() => second);
        Assert.Contains("Another agent has held", error.Message, StringComparison.Ordinal);
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task AcquireAsync_PathIsFile_ThrowsWithPath()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["state"], "", TestContext.Current.CancellationToken);

        StateUnavailableException error = await Assert.ThrowsAsync<StateUnavailableException>(
            () => StateLock.AcquireAsync(directory["state"], _time, _log, CancellationToken.None));

        Assert.Contains(directory["state"], error.Message, StringComparison.Ordinal);
    }

    private Task<StateLock> AcquireAsync(TemporaryDirectory directory) =>
        StateLock.AcquireAsync(directory, _time, _log, CancellationToken.None);

    private async Task AdvanceUntilCompletedAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }
    }
}
