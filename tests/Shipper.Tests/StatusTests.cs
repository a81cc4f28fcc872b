using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The endpoint <c>/api/status</c>, as a client sees it.</summary>
public class StatusTests
{
    [Fact]
    public async Task Status_AllAcknowledged_LedgerAddsUp()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        string log = node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(1000);
        string tooLong = $"2026-11-23T01:21:26Z stdout F {new string('x', 3000)}\n";
        await File.AppendAllTextAsync(log, tooLong, TestContext.Current.CancellationToken);
        writer.Write(10);
        await using RunningShipper sut = RunningShipper.Start(
            node, loki.Address, $"sources: {{containers: {{include: [\"{node.Containers}/*.log\"], maxLineSize: 2KiB, longLines: skip, scanInterval: 100ms}}, journal: {{enabled: false}}}}");
        await sut.WaitUntilAsync(() => loki.Count() == 1010);

        JsonElement status = default;
        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                using JsonDocument answer = JsonDocument.Parse(await sut.GetTextAsync("/api/status"));
                status = answer.RootElement.Clone();
                return status.GetProperty("totals").GetProperty("pending").GetInt64() == 0;
            },
            () => $"Some bytes stay pending: {status}");

        JsonElement stream = Assert.Single(status.GetProperty("streams").EnumerateArray());
        JsonElement file = Assert.Single(stream.GetProperty("generations").EnumerateArray());
        JsonElement ledger = file.GetProperty("ledger");
        long size = new FileInfo(log).Length;
        Assert.Equal("test", status.GetProperty("cluster").GetString());
        Assert.Equal(size, file.GetProperty("size").GetInt64());
        Assert.True(file.GetProperty("open").GetBoolean());
        Assert.Equal(size, ledger.GetProperty("written").GetInt64());
        Assert.Equal(tooLong.Length, ledger.GetProperty("dropped").GetProperty("line_too_long").GetInt64());
        Assert.Equal(size - tooLong.Length, ledger.GetProperty("acknowledged").GetInt64());
        Assert.Equal(JsonValueKind.Null, stream.GetProperty("lossDeadlineSeconds").ValueKind);
        Assert.Equal(JsonValueKind.String, stream.GetProperty("lastAcknowledged").ValueKind);
        Assert.Contains("pod=\"web-1\"", stream.GetProperty("labels").GetString(), StringComparison.Ordinal);
        Assert.All(status.GetProperty("lanes").EnumerateArray(), lane => Assert.False(lane.GetProperty("blocked").GetBoolean()));
        Assert.Equal(double.PositiveInfinity, (await sut.GetMetricsAsync())["shipper_loss_deadline_seconds"]);
    }

    [Fact]
    public async Task Status_FromAnotherAddress_IsForbidden()
    {
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), address: "0.0.0.0");
        await sut.WaitUntilReadyAsync();
        IPAddress? own = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork, TestContext.Current.CancellationToken)).FirstOrDefault(address => !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "This machine has only loopback addresses.");
        using var client = new HttpClient();

        foreach (string path in (string[])["/", "/api/status", "/api/whatever"])
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{own}:{sut.Port}{path}"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }
}
