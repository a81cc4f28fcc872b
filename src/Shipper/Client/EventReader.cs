using System.Text;

namespace Shipper.Client;

/// <summary>Reads server-sent events. Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html.</summary>
internal sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream, Encoding.UTF8);

    /// <summary>Reads the next event. Comments are left out.</summary>
    /// <returns>Its name and its data; null at the end.</returns>
    public async Task<(string Name, string Data)?> ReadAsync(CancellationToken stopping)
    {
        string name = "";
        string data = "";
        while (await _reader.ReadLineAsync(stopping) is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
            {
                return (name, data);
            }

            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line["event: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data += line["data: ".Length..];
            }
        }

        return null;
    }

    public void Dispose() => _reader.Dispose();
}
