using System.Text;

namespace Shipper.Client;

/// <summary>Reads server-sent events: lines <c>event: NAME</c> and <c>data: TEXT</c> until an empty line. A line that begins with a colon only keeps the connection open.</summary>
internal sealed class EventReader(Stream stream, TimeSpan maxSilence) : IDisposable
{
    private readonly StreamReader _reader = new(stream, Encoding.UTF8);

    /// <summary>Reads the next event.</summary>
    /// <returns>Null at the end of the stream.</returns>
    /// <exception cref="IOException">The connection is lost, or silent for too long.</exception>
    public async Task<(string Name, string Data)?> ReadAsync(CancellationToken cancellation)
    {
        string name = "message";
        var data = new StringBuilder();
        while (await ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    return (name, data.ToString());
                }

                name = "message";
            }
            else if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                name = line["event:".Length..].Trim();
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                int start = "data:".Length;
                data.Append(data.Length > 0 ? "\n" : "").Append(line.AsSpan(line.Length > start && line[start] == ' ' ? start + 1 : start));
            }
        }

        return null;
    }

    public void Dispose() => _reader.Dispose();

    private async Task<string?> ReadLineAsync(CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(maxSilence);
        try
        {
            return await _reader.ReadLineAsync(silence.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"silent for {maxSilence.TotalSeconds} s");
        }
        catch (HttpRequestException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
