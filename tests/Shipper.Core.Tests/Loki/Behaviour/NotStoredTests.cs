using Shipper.Loki;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki.Behaviour;

/// <summary>Pushes of which nothing can have been stored: they are sent again without asking.</summary>
public class NotStoredTests : PushClientFixture
{
    /// <summary>Four labels as long as they may be are too long a name: no name server is asked for it, which may take its time.</summary>
    private const string Label = "n" + Rest;

    private const string Rest = "o-such-host-no-such-host-no-such-host-no-such-host-no-such-hos";

    /// <summary>What never left the machine has stored nothing.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:1", "Connection refused")]
    [InlineData($"http://{Label}.{Label}.{Label}.{Rest}:3100", "Name or service not known")]
    [InlineData("http://255.255.255.255:3100", "")]
    public async Task PushAsync_NothingListens_IsNotStored(string address, string message)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Url = new Uri(address));

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.NotStored, "error"), (answer.Verdict, answer.Status));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    /// <summary>Loki went away behind a connection that had been used: what goes out on a new one is refused.</summary>
    [Fact]
    public async Task PushAsync_LokiWentAway_IsNotStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);
        await sut.PushAsync(Body("hello"), Stopping);
        await loki.StopAsync();

        PushAnswer first = await sut.PushAsync(Body("again"), Stopping);
        PushAnswer second = await sut.PushAsync(Body("again"), Stopping);

        Assert.NotEqual(PushVerdict.Stored, first.Verdict);
        Assert.Equal(PushVerdict.NotStored, second.Verdict);
    }

    [Fact]
    public async Task PushAsync_ServerSpeaksNoTls_IsNotStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Url = new UriBuilder(loki.Address) { Scheme = "https" }.Uri);

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal(PushVerdict.NotStored, answer.Verdict);
    }
}
