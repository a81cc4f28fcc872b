using Microsoft.Extensions.Logging;

namespace Shipper.Core.Tests.Support;

/// <summary>Records what the agent logs.</summary>
internal sealed class RecordedLog : ILogger, ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<string> _messages = [];

    /// <summary>Called for each message, on the thread that logs it.</summary>
    public Action<string>? Logged { get; set; }

    /// <summary>All messages, each with its level in front.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string message = formatter(state, exception);
        lock (_lock)
        {
            _messages.Add($"{logLevel}: {message}");
        }

        Logged?.Invoke(message);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
