extern alias program;

using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using program::Shipper.Logging;
using Shipper.Agents;

namespace Shipper.Core.Tests.Logging;

public class AgentLoggerProviderTests
{
    [Theory]
    [InlineData(null, true, false)]
    [InlineData(null, false, true)]
    [InlineData(nameof(OwnLogFormat.Json), true, true)]
    [InlineData(nameof(OwnLogFormat.Text), false, false)]
    public void Log_FormatOfConfiguration_WinsOverTheTerminal(string? format, bool isTerminal, bool isJson)
    {
        OwnLogFormat? configured = format is null ? null : Enum.Parse<OwnLogFormat>(format);
        using var output = new MemoryStream();
        using var sut = new AgentLoggerProvider(output, OwnLogSeverity.Info, OwnLogFormat.Text, new FakeTimeProvider(), isTerminal);
        sut.Reconfigure(OwnLogSeverity.Info, configured);

        sut.CreateLogger("Agent").Log(LogLevel.Information, default, "hello", null, static (text, _) => text);

        Assert.Equal(isJson, Encoding.UTF8.GetString(output.ToArray()).StartsWith('{'));
    }
}
