using System.Diagnostics;
using System.Globalization;
using System.Text;
using Shipper.Client;

namespace Shipper.Views;

/// <summary>Follows what a running agent reads, sends or drops, across restarts of the agent.</summary>
/// <param name="path">Path and query of the tap.</param>
/// <param name="limit">Records until it ends; 0: no limit.</param>
internal sealed class TapRun(AgentClient client, string path, TapView view, long limit)
{
    // A restarting agent answers after a few seconds. Later, the port-forward or the exec session is gone, too.
    private static readonly TimeSpan MaxAbsence = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    // The agent sends a comment every 15 s.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(50);

    private const int BrokenPipe = 32;

    private readonly Stream _output = Console.OpenStandardOutput();
    private long _shown;

    /// <summary>Runs until the limit is reached, the reader of the output is gone, or the agent stays away.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            Stream stream = await client.OpenAsync(path, cancellation);
            while (true)
            {
                string cause = await FollowAsync(stream, cancellation);
                if (IsAtLimit)
                {
                    return 0;
                }

                await Console.Error.WriteLineAsync($"shipper tap: the connection to {client.Address} is lost ({cause}); connecting again for up to {MaxAbsence.TotalSeconds} s");
                stream = await ReconnectAsync(cancellation);
                await Console.Error.WriteLineAsync("shipper tap: connected again; records in between are missing here, not in Loki");
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (AgentException e)
        {
            await Console.Error.WriteLineAsync($"shipper tap: {e.Message}");
            return 1;
        }
        catch (IOException e) when ((e.HResult & 0xffff) == BrokenPipe)
        {
            return 0;
        }
    }

    private bool IsAtLimit => limit > 0 && _shown >= limit;

    private async Task<Stream> ReconnectAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await client.OpenAsync(path, cancellation);
            }
            catch (AgentException) when (Stopwatch.GetElapsedTime(start) < MaxAbsence)
            {
                await Task.Delay(RetryInterval, TimeProvider.System, cancellation);
            }
        }
    }

    /// <returns>Why the connection ended.</returns>
    private async Task<string> FollowAsync(Stream stream, CancellationToken cancellation)
    {
        using var events = new EventReader(stream, MaxSilence);
        while (!IsAtLimit)
        {
            (string Name, string Data)? item;
            try
            {
                item = await events.ReadAsync(cancellation);
            }
            catch (IOException e)
            {
                return Processing.Cases.QuotedText.ToOneLine(e.Message);
            }

            if (item is null)
            {
                return "closed by the agent";
            }

            if (JsonView.TryParse(item.Value.Data, out JsonView value))
            {
                await ShowAsync(item.Value.Name, item.Value.Data, value, cancellation);
            }
        }

        return "";
    }

    private async Task ShowAsync(string name, string data, JsonView value, CancellationToken cancellation)
    {
        switch (name)
        {
            case "record":
                // Write each record immediately, so that the reader of a pipe sees it without delay.
                await _output.WriteAsync(Encoding.UTF8.GetBytes(view.Format(data, value)), cancellation);
                _shown++;
                break;
            case "skipped":
                string records = value["records"].Number.ToString("N0", CultureInfo.InvariantCulture);
                await Console.Error.WriteLineAsync($"shipper tap: {records} more records matched but are not shown, so that the tap does not slow the agent; narrow the selector to see all");
                break;
        }
    }
}
