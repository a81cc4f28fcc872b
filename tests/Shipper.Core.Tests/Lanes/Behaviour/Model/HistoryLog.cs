using Microsoft.Extensions.Logging;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>Adds the agent's own log to the history of a run.</summary>
internal sealed class HistoryLog(List<string> history) : ILogger, ILoggerFactory
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        history.Add($"    agent: {formatter(state, exception)} {exception}");

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
