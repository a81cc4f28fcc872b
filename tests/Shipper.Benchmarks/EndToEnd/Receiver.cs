using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Shipper.Testing;
using Snappier;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>
/// The receiver of the end-to-end measurement, a process of its own: takes pushes, counts each stream's lines by their
/// numbers, and tells what it saw on <c>GET /</c>.
/// </summary>
internal sealed class Receiver : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamCount> _streams = new(StringComparer.Ordinal);
    private readonly MiniServer _server;
    private long _lines;
    private long _wireBytes;
    private long _twice;
    private long _outOfOrder;
    private double _firstPush;

    public Receiver(int port) => _server = new MiniServer(HandleAsync, port);

    public Uri Address => _server.Address;

    public Task StartAsync() => _server.StartAsync();

    public void Dispose() => _server.Dispose();

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method == HttpMethods.Get)
        {
            await context.Response.WriteAsync(JsonSerializer.Serialize(Report()));
            return;
        }

        var body = new byte[(int)context.Request.ContentLength!.Value];
        await context.Request.Body.ReadExactlyAsync(body);
        lock (_lock)
        {
            if (_firstPush == 0)
            {
                _firstPush = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            }

            _wireBytes += body.Length;
            ReadRequest(new CodedInputStream(Snappy.DecompressToArray(body)));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private ReceiverReport Report()
    {
        lock (_lock)
        {
            return new ReceiverReport(_lines, _twice, _outOfOrder, _streams.Count, _wireBytes, _firstPush);
        }
    }

    // Not the generated classes: the receiver must not be what limits the measurement.
    private void ReadRequest(CodedInputStream input)
    {
        while (input.ReadTag() != 0)
        {
            var stream = new CodedInputStream(input.ReadBytes().ToByteArray());
            StreamCount? count = null;
            uint tag;
            while ((tag = stream.ReadTag()) != 0)
            {
                if (WireFormat.GetTagFieldNumber(tag) == 1)
                {
                    string labels = stream.ReadString();
                    count = _streams.TryGetValue(labels, out StreamCount? known) ? known : _streams[labels] = new StreamCount();
                }
                else
                {
                    ReadEntry(stream.ReadBytes().Span, count!);
                }
            }
        }
    }

    private void ReadEntry(ReadOnlySpan<byte> entry, StreamCount count)
    {
        _lines++;
        int at = entry.IndexOf("seq"u8);
        ReadOnlySpan<byte> digits = entry[(at + 3)..].TrimStart("\":="u8);
        int number = System.Buffers.Text.Utf8Parser.TryParse(digits, out int parsed, out _) ? parsed : -1;
        if (number < 0 || !count.Seen.Add(number))
        {
            _twice++;
        }
        else if (number < count.Highest)
        {
            _outOfOrder++;
        }

        count.Highest = Math.Max(count.Highest, number);
    }

    private sealed class StreamCount
    {
        public NumberSet Seen { get; } = new();

        public int Highest { get; set; } = -1;
    }

    /// <summary>A set of small numbers, one bit each.</summary>
    private sealed class NumberSet
    {
        private ulong[] _bits = new ulong[1024];

        public bool Add(int number)
        {
            int word = number >> 6;
            if (word >= _bits.Length)
            {
                Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
            }

            ulong bit = 1UL << (number & 63);
            bool isNew = (_bits[word] & bit) == 0;
            _bits[word] |= bit;
            return isNew;
        }
    }
}
