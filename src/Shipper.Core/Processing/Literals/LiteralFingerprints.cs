using System.Numerics;
using System.Runtime.Intrinsics;

namespace Shipper.Processing.Literals;

/// <summary>
/// Chooses the fingerprint and the bucket of each literal of a <see cref="LiteralSet"/>, so that as few places as possible of an ordinary text look like a
/// literal: rare bytes make a good fingerprint, and literals with similar fingerprints share a bucket.
/// </summary>
internal sealed class LiteralFingerprints
{
    public const int Buckets = 8;

    private const int Halves = 16;
    private const ushort Any = 0xFFFF;
    private const int Rounds = 3;

    private readonly Literal[] _literals;
    private readonly int[] _offsets;
    private readonly int[] _buckets;

    public LiteralFingerprints(Literal[] literals)
    {
        _literals = literals;
        _offsets = new int[literals.Length];
        _buckets = new int[literals.Length];
        Array.Fill(_buckets, -1);

        // The longest first: they have the most choices. After the first round, each literal is placed again, now that the others have a place.
        int[] order = [.. Enumerable.Range(0, literals.Length).OrderByDescending(i => literals[i].Text.Length)];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (int literal in order)
            {
                Place(literal);
            }
        }
    }

    // The bytes of ordinary lines, the most frequent first: JSON, logfmt, access logs and messages in English. Others are rare.
    private static ReadOnlySpan<byte> ByFrequency => """ e"0t1a2noi3s:4r-/5.8697cdl,umphgf_b=yvTw[]k()x{}EIAZSRCNLDPMOFGBUVHKW+;'@XY<>|&j?q%*zJ#$!~^`Q\"""u8;

    // Lines of all kinds, and some words.
    private static ReadOnlySpan<byte> OrdinaryText =>
        """
        {"level":"info","ts":"2026-01-02T03:04:05.678Z","logger":"http","caller":"server/handler.go:120","msg":"request completed","method":"GET","path":"/api/v1/orders/items?page=2",
        "status":200,"took_ms":12,"duration":0.0123,"service":"shop","user":{"id":"u-17","name":"bob"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
        10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "POST /login HTTP/1.1" 302 1543 "https://shop.example.com/index.html" "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36"
        time=2026-01-02T03:04:05Z level=warn msg="lookup failed, retrying after timeout" component=queue error="connection refused" host=db-0.db.svc.cluster.local port=5432 attempt=3
        2026-01-02 03:04:05.678  INFO 1 --- [nio-8080-exec-4] o.s.web.servlet.DispatcherServlet : Completed initialization, looking for books, order=17 took 12 ms
        	at com.example.orders.OrderService.save(OrderService.java:120) ~[classes/:na]  Caused by: java.lang.IllegalStateException: order could not be saved
        I0102 03:04:05.678901 1 controller.go:120] "Successfully synced" key="kube-system/coredns-7db6d8ff4d-abcde" kind="Deployment" namespace="default"
        The server is ready to accept connections and checking that all services should have started; worker process stopped with exit code 0, cleanup finished
        """u8;

    private static double[] Frequencies { get; } = Weigh();

    // All fingerprints of the ordinary text, folded and sorted.
    private static uint[] OrdinaryFingerprints { get; } = FindOrdinary();

    /// <summary>Returns the literals in a bucket, in the order of the list.</summary>
    public IEnumerable<Literal> InBucket(int bucket) =>
        from number in Enumerable.Range(0, _literals.Length)
        where _buckets[number] == bucket
        let literal = _literals[number]
        let offset = _offsets[number]
        select literal with { Number = number, Offset = offset, Fingerprint = new Fingerprint(literal.Text, offset, literal.IgnoreCase) };

    /// <summary>Returns for each value of one byte of the fingerprint the buckets that may have it, as bits.</summary>
    public byte[] BucketsByByte(int position)
    {
        (Vector128<byte> low, Vector128<byte> high) = BucketsByHalf(position);
        var buckets = new byte[256];
        for (int value = 0; value < buckets.Length; value++)
        {
            buckets[value] = (byte)(low[value % Halves] & high[value / Halves]);
        }

        return buckets;
    }

    /// <summary>The same for the lower and the upper half of the byte.</summary>
    public (Vector128<byte> Low, Vector128<byte> High) BucketsByHalf(int position)
    {
        Span<byte> low = stackalloc byte[Halves];
        Span<byte> high = stackalloc byte[Halves];
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            Shape shape = ShapeOf(bucket, except: -1);
            for (int half = 0; half < Halves; half++)
            {
                low[half] |= (byte)(((shape.Low(position) >> half) & 1) << bucket);
                high[half] |= (byte)(((shape.High(position) >> half) & 1) << bucket);
            }
        }

        return (Vector128.Create<byte>(low), Vector128.Create<byte>(high));
    }

    private static double[] Weigh()
    {
        var weights = new double[256];
        Array.Fill(weights, 0.0005);

        // To be avoided: without them, the search takes fewer instructions (Ssse3AsciiLookup).
        weights.AsSpan(128).Fill(1);
        for (int rank = 0; rank < ByFrequency.Length; rank++)
        {
            weights[ByFrequency[rank]] = 0.35 / (rank + 6);
        }

        return weights;
    }

    private static uint[] FindOrdinary()
    {
        var found = new HashSet<uint>();
        for (int i = 0; i <= OrdinaryText.Length - Fingerprint.Bytes; i++)
        {
            found.Add(Fingerprint.Fold(Fingerprint.Read(OrdinaryText, i)));
        }

        return [.. found.Order()];
    }

    /// <summary>Returns the probability that is added for a fingerprint which an ordinary text has.</summary>
    private static double Penalty(in Literal literal, int offset) =>
        Array.BinarySearch(OrdinaryFingerprints, Fingerprint.Fold(Fingerprint.Read(literal.Text, offset))) >= 0 ? 1.0 / OrdinaryText.Length : 0;

    private void Place(int literal)
    {
        _buckets[literal] = -1;
        double least = double.MaxValue;
        int bestBucket = 0;
        int bestOffset = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            Shape others = ShapeOf(bucket, except: literal);
            double before = others.Probability();
            for (int offset = 0; offset <= Math.Max(0, _literals[literal].Text.Length - Fingerprint.Bytes); offset++)
            {
                Shape shape = others;
                Add(ref shape, literal, offset);
                double added = shape.Probability() - before + Penalty(in _literals[literal], offset);
                if (added < least)
                {
                    (least, bestBucket, bestOffset) = (added, bucket, offset);
                }
            }
        }

        _buckets[literal] = bestBucket;
        _offsets[literal] = bestOffset;
    }

    private Shape ShapeOf(int bucket, int except)
    {
        var shape = default(Shape);
        for (int literal = 0; literal < _literals.Length; literal++)
        {
            if (_buckets[literal] == bucket && literal != except)
            {
                Add(ref shape, literal, _offsets[literal]);
            }
        }

        return shape;
    }

    private void Add(ref Shape shape, int literal, int offset)
    {
        byte[] text = _literals[literal].Text;
        for (int i = 0; i < Fingerprint.Bytes; i++)
        {
            if (offset + i >= text.Length)
            {
                shape.Add(i, Any, Any);
                continue;
            }

            byte value = text[offset + i];
            ushort high = (ushort)(1 << (value / Halves));
            if (_literals[literal].IgnoreCase && value is >= (byte)'a' and <= (byte)'z')
            {
                // The upper-case letter differs in the upper half.
                high |= (ushort)(1 << ((value - 0x20) / Halves));
            }

            shape.Add(i, (ushort)(1 << (value % Halves)), high);
        }
    }

    /// <summary>The halves of bytes that the fingerprints of a bucket have, as bits.</summary>
    private struct Shape
    {
        private ulong _low;
        private ulong _high;

        public readonly ushort Low(int position) => (ushort)(_low >> (position * Halves));

        public readonly ushort High(int position) => (ushort)(_high >> (position * Halves));

        public void Add(int position, ushort low, ushort high)
        {
            _low |= (ulong)low << (position * Halves);
            _high |= (ulong)high << (position * Halves);
        }

        /// <summary>Estimates how probable it is that a place of an ordinary text has the fingerprint.</summary>
        public readonly double Probability()
        {
            double product = 1;
            for (int position = 0; position < Fingerprint.Bytes; position++)
            {
                double sum = 0;
                for (uint highs = High(position); highs != 0; highs &= highs - 1)
                {
                    int high = BitOperations.TrailingZeroCount(highs) * Halves;
                    for (uint lows = Low(position); lows != 0; lows &= lows - 1)
                    {
                        sum += Frequencies[high + BitOperations.TrailingZeroCount(lows)];
                    }
                }

                product *= sum;
            }

            return product;
        }
    }
}
