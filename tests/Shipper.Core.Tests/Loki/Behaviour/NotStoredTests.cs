using Shipper.Loki;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki.Behaviour;

/// <summary>Pushes that can't have stored anything: they are resent without a query.</summary>
public class NotStoredTests : PushClientFixture
{
    /// <summary>Four labels of the maximum length make a name that is too long: it fails without a name server, which may be slow.</summary>
    private const string Label = "n" + Rest;

    private const string Rest = "o-such-host-no-such-host-no-such-host-no-such-host-no-such-hos";

    [Theory]
    [InlineData("http://127.0.0.1:1", "Connection refused")]
    [InlineData($"http://{Label}.{Label}.{Label}.{Rest}:3100", "Name or service not known")]
    [InlineData("http://255.255.255.255:3100", "")]
    public async Task PushAsync_NothingListens_ReturnsNotStored(string address, string message)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Url = new Uri(address));

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.NotStored, "error"), (answer.Verdict, answer.Status));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    /// <summary>Loki stops while a used connection is open: the next push gets a new connection, which is refused.</summary>
    [Fact]
    public async Task PushAsync_LokiStopped_ReturnsNotStored()
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
    public async Task PushAsync_ServerSpeaksNoTls_ReturnsNotStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Url = new UriBuilder(loki.Address) { Scheme = "https" }.Uri);

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal(PushVerdict.NotStored, answer.Verdict);
    }
}
