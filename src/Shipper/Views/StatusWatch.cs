using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary><c>shipper status --watch</c> on a terminal: asks the agent, takes keys, and draws.</summary>
internal sealed class StatusWatch(AgentClient client, LogOrder order)
{
    private readonly Channel<WatchEvent> _events = Channel.CreateUnbounded<WatchEvent>();
    private readonly WatchModel _model = new(order, client.Address);

    /// <summary>Runs until a key or a signal ends it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var signals = new Signals(cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
        using var screen = new Screen();
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _events.Writer.TryWrite(default));

        // Not Console.OpenStandardInput, which reads whole lines from a terminal and ends its raw mode. The stream is not disposed of: the thread may still be reading.
        var keys = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        new KeyReader(keys, key => _events.Writer.TryWrite(new WatchEvent(Pressed: key))).Start();
        Task asking = AskAsync(stop.Token);
        Task explaining = Task.CompletedTask;
        try
        {
            while (!_model.IsEnded)
            {
                (int Columns, int Rows) size = Output.Size();
                screen.Draw(_model.Draw(size), size);
                WatchEvent change = await _events.Reader.ReadAsync(signals.Token);
                _model.Apply(change);
                if (_model.TakeQuestion() is { } path)
                {
                    await explaining;
                    explaining = ExplainAsync(path, stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
        catch (IOException)
        {
            // The terminal is gone.
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking, explaining);
        return 0;
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                try
                {
                    (_, JsonView status) = await client.ReadAsync("/api/status", isUnknownAnswered: false, cancellation);
                    _events.Writer.TryWrite(new WatchEvent(Status: status));
                }
                catch (AgentException e)
                {
                    _events.Writer.TryWrite(new WatchEvent(Failure: e.Message));
                }

                await Task.Delay(PlainWatch.Interval, TimeProvider.System, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The view has ended.
        }
    }

    private async Task ExplainAsync(string path, CancellationToken cancellation)
    {
        try
        {
            (_, JsonView answer) = await client.ReadAsync(path, isUnknownAnswered: true, cancellation);
            _events.Writer.TryWrite(new WatchEvent(Explanation: answer));
        }
        catch (AgentException e)
        {
            _events.Writer.TryWrite(new WatchEvent(Explanation: default(JsonView), Failure: e.Message));
        }
        catch (OperationCanceledException)
        {
            // The view has ended.
        }
    }
}
