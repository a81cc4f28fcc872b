using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Shipper.Agents;
using Shipper.Status;

namespace Shipper.Logging;

/// <summary>
/// Writes the agent's own log to stderr, one line per event: flat JSON, or text for people. The category is the stage.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="output">Receives the lines.</param>
/// <param name="minSeverity">The lowest level that is written.</param>
/// <param name="format">The format; null to choose it by <paramref name="isTerminal"/>.</param>
/// <param name="isTerminal">True if a person reads the output on a terminal.</param>
internal sealed class AgentLoggerProvider(Stream output, OwnLogSeverity minSeverity, OwnLogFormat? format, TimeProvider time, bool isTerminal = false) : ILoggerProvider
{
    // Changed by a reload while other threads log.
    private volatile OwnLogSeverity _minSeverity = minSeverity;
    private volatile OwnLogFormat _format = Choose(format, isTerminal);
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();
    private readonly RepeatLimiter _limiter = new(time);
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>The last warnings and errors.</summary>
    public RecentWarnings Warnings { get; } = new();

    public ILogger CreateLogger(string categoryName) => new AgentLogger(this, categoryName);

    /// <summary>Changes the level and the format.</summary>
    public void Reconfigure(OwnLogSeverity minSeverity, OwnLogFormat? format)
    {
        _minSeverity = minSeverity;
        _format = Choose(format, isTerminal);
    }

    public void Dispose() => output.Flush();

    private static OwnLogFormat Choose(OwnLogFormat? format, bool isTerminal) => format ?? (isTerminal ? OwnLogFormat.Text : OwnLogFormat.Json);

    private static OwnLogSeverity ToSeverity(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => OwnLogSeverity.Debug,
        LogLevel.Information => OwnLogSeverity.Info,
        LogLevel.Warning => OwnLogSeverity.Warn,
        _ => OwnLogSeverity.Error,
    };

#pragma warning disable CA1308 // Log levels and field names are lower case.
    private static string ToWord(OwnLogSeverity severity) => severity.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private bool IsEnabled(LogLevel level) => level != LogLevel.None && ToSeverity(level) >= _minSeverity;

    private void Write<TState>(string category, LogLevel level, EventId id, TState state, Exception? exception, string message)
    {
        lock (_lock)
        {
            if (!_limiter.TryPass(HashCode.Combine(category, id.Id, id.Name), message, out int suppressed))
            {
                return;
            }

            if (level >= LogLevel.Warning)
            {
                Warnings.Add(new OwnLogEntry(time.GetUtcNow(), ToWord(ToSeverity(level)), category, message, suppressed));
            }

            _line.Clear();
            if (_format == OwnLogFormat.Json)
            {
                WriteJson(category, level, state as IEnumerable<KeyValuePair<string, object?>> ?? [], exception, message, suppressed);
            }
            else
            {
                WriteText(category, level, exception, message, suppressed);
            }

            try
            {
                output.Write(_line.WrittenSpan);
                output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads stderr, or its disk is full: there is no place left to report it.
            }
        }
    }

    private void WriteJson(
        string category, LogLevel level, IEnumerable<KeyValuePair<string, object?>> fields, Exception? exception, string message, int suppressed)
    {
        using (var json = new Utf8JsonWriter(_line, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime);
            json.WriteString("level", ToWord(ToSeverity(level)));
            json.WriteString("stage", category);
            json.WriteString("message", message);
            foreach ((string name, object? value) in fields)
            {
                if (name != "{OriginalFormat}" && name is not ("time" or "level" or "stage" or "message"))
                {
                    WriteField(json, name, value);
                }
            }

            if (suppressed > 0)
            {
                json.WriteNumber("suppressed", suppressed);
            }

            if (exception is not null)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        _line.Write("\n"u8);
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number:
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private void WriteText(string category, LogLevel level, Exception? exception, string message, int suppressed)
    {
        string repeated = suppressed > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({suppressed} similar messages suppressed)") : "";
        string cause = exception is null ? "" : Environment.NewLine + exception;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} {ToWord(ToSeverity(level)),-5} {category}: {OneLine(message)}{repeated}{cause}\n");
        _line.Write(Encoding.UTF8.GetBytes(line));
    }

    /// <summary>
    /// Escapes control characters: text from outside, such as a response of Loki or a file name, must not look like a line of this log or move a cursor.
    /// </summary>
    private static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : c.ToString())) : text;

    private sealed class AgentLogger(AgentLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => provider.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(category, logLevel, eventId, state, exception, formatter(state, exception));
            }
        }
    }
}
