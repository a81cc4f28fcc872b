using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Shipper.Processing.Literals;

/// <summary>
/// Finds the first of several literals in one pass over a text: the algorithm Teddy. Each literal has a fingerprint of three of its bytes, and is in one of
/// eight buckets. For 16 places of the text at a time, six lookups of half a byte each give the buckets that may have their fingerprint there. Only these
/// literals are compared.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. Allocates nothing after construction, and takes time linear in the length of the text. Sources: intel/hyperscan,
/// src/fdr/teddy.c; BurntSushi/aho-corasick, src/packed/teddy/README.md. Unlike there, a fingerprint need not be at the beginning of its literal
/// (<see cref="LiteralFingerprints"/>).
/// </remarks>
internal sealed class LiteralSet
{
    private const int StepBytes = 16;
    private const int MoreBytes = Fingerprint.Bytes - 1;
    private const int HashBits = 12;
    private const int HashCount = 1 << HashBits;

    private readonly Literal[][] _buckets = new Literal[LiteralFingerprints.Buckets][];
    private readonly int _maxOffset;
    private readonly bool _isAscii;

    // The buckets by the value of each byte of the fingerprint, and by its lower and its upper half.
    private readonly byte[][] _bits = new byte[Fingerprint.Bytes][];
    private readonly Vector128<byte> _low0;
    private readonly Vector128<byte> _low1;
    private readonly Vector128<byte> _low2;
    private readonly Vector128<byte> _high0;
    private readonly Vector128<byte> _high1;
    private readonly Vector128<byte> _high2;

    // Buckets that have a literal of one byte, or of at most two. Such a literal may be at the end of the text.
    private readonly byte _short1;
    private readonly byte _short2;

    // A bit for each hash of a fingerprint; all bits if a literal is shorter. The halves of the bytes of several literals in a bucket are also those of
    // other texts, of which this tells most.
    private readonly ulong[] _hashes = new ulong[HashCount / 64];

    /// <param name="literals">The literals in UTF-8: none, or up to about 64 of 1 to about 40 bytes each.</param>
    /// <param name="ignoreCase">True if the case of ASCII letters makes no difference.</param>
    public LiteralSet(IReadOnlyList<byte[]> literals, bool ignoreCase = false)
        : this([.. literals.Select(text => new Literal(text, ignoreCase))])
    {
    }

    /// <param name="literals">The literals: none, or up to about 64 of 1 to about 40 bytes each.</param>
    public LiteralSet(IReadOnlyList<Literal> literals)
    {
        var fingerprints = new LiteralFingerprints([.. literals]);
        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            _buckets[bucket] = [.. fingerprints.InBucket(bucket)];
            foreach (Literal literal in _buckets[bucket])
            {
                _maxOffset = Math.Max(_maxOffset, literal.Offset);
                _short1 |= (byte)(literal.Text.Length < 2 ? 1 << bucket : 0);
                _short2 |= (byte)(literal.Text.Length < 3 ? 1 << bucket : 0);
                uint hash = Hash(Fingerprint.Read(literal.Text, literal.Offset));
                _hashes[hash / 64] |= 1UL << (int)(hash % 64);
            }
        }

        if (_short2 != 0)
        {
            Array.Fill(_hashes, ulong.MaxValue);
        }

        for (int i = 0; i < _bits.Length; i++)
        {
            _bits[i] = fingerprints.BucketsByByte(i);
        }

        _isAscii = !_bits.Any(buckets => buckets.AsSpan(128).ContainsAnyExcept((byte)0));
        (_low0, _high0) = fingerprints.BucketsByHalf(0);
        (_low1, _high1) = fingerprints.BucketsByHalf(1);
        (_low2, _high2) = fingerprints.BucketsByHalf(2);
    }

    /// <summary>Returns true if a literal is in the text.</summary>
    public bool ContainsAny(ReadOnlySpan<byte> text)
    {
        var match = new Match(start: 0);
        Find(text, moreBytes: -1, ref match);
        return match.Literal >= 0;
    }

    /// <summary>Finds the first literal.</summary>
    /// <param name="start">Index at which the search begins.</param>
    /// <param name="literal">Receives the index of the literal in the list: the lowest one if several begin at the same place; -1 if there is none.</param>
    /// <returns>The lowest index, at or after <paramref name="start"/>, at which a literal begins; -1 if there is none.</returns>
    public int IndexOfAny(ReadOnlySpan<byte> text, int start, out int literal)
    {
        // Another literal may begin earlier than the first that is found, or at the same place, and have its fingerprint further behind.
        var match = new Match(start);
        Find(text, _maxOffset, ref match);
        literal = match.Literal;
        return match.Literal < 0 ? -1 : match.Index;
    }

    /// <summary>Finds the literals whose fingerprints are the first ones of the text.</summary>
    /// <param name="moreBytes">Number of places behind the index of a match at which other fingerprints count.</param>
    private void Find(ReadOnlySpan<byte> text, int moreBytes, ref Match match)
    {
        int place = match.Start;
        int end = text.Length;
        if (text.Length - place >= StepBytes + MoreBytes && (Ssse3.IsSupported || AdvSimd.Arm64.IsSupported))
        {
            // Of the two vectors of a step, the second may cover some places of the first again, and the last step some of the one before.
            int second = Math.Min(StepBytes, text.Length - MoreBytes - StepBytes - place);
            int last = text.Length - MoreBytes - StepBytes - second;
            while (true)
            {
                uint candidates = !Ssse3.IsSupported ? NextCandidates<AdvSimdLookup>(text, ref place, second, last)
                    : _isAscii ? NextCandidates<Ssse3AsciiLookup>(text, ref place, second, last)
                    : NextCandidates<Ssse3Lookup>(text, ref place, second, last);
                for (; candidates != 0; candidates &= candidates - 1)
                {
                    int bit = BitOperations.TrailingZeroCount(candidates);
                    int current = place + (bit < StepBytes ? bit : bit - StepBytes + second);
                    if (current >= end)
                    {
                        return;
                    }

                    if (Compare(text, current, BucketsAt(text, current), ref match))
                    {
                        end = Math.Min(end, match.Index + moreBytes + 1);
                    }
                }

                if (place == last)
                {
                    break;
                }

                place = Math.Min(place + (2 * StepBytes), last);
                if (place >= end)
                {
                    return;
                }
            }

            // Only a literal that is shorter than its fingerprint can be at the last places.
            if (_short2 == 0)
            {
                return;
            }

            place = last + second + StepBytes;
        }

        for (; place < end; place++)
        {
            if (Compare(text, place, BucketsAt(text, place), ref match))
            {
                end = Math.Min(end, match.Index + moreBytes + 1);
            }
        }
    }

    /// <summary>
    /// Finds the first step with places that look like the fingerprint of a literal. Calls no other method, so that the tables stay in registers.
    /// </summary>
    /// <param name="place">The first place of the step to begin with; receives the first place of the last step that was looked at.</param>
    /// <param name="second">Distance of the second vector of a step from the first.</param>
    /// <param name="last">The first place of the last step.</param>
    /// <returns>The places of the step as bits, 16 for each vector; 0 if no step has any.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe uint NextCandidates<TLookup>(ReadOnlySpan<byte> text, ref int place, int second, int last)
        where TLookup : IHalfLookup
    {
        Vector128<byte> low0 = _low0;
        Vector128<byte> low1 = _low1;
        Vector128<byte> low2 = _low2;
        Vector128<byte> high0 = _high0;
        Vector128<byte> high1 = _high1;
        Vector128<byte> high2 = _high2;
        int current = place;
        fixed (byte* bytes = text)
        fixed (ulong* hashes = _hashes)
        {
            while (true)
            {
                byte* step = bytes + current;
                Vector128<byte> a0 = Vector128.Load(step);
                Vector128<byte> a1 = Vector128.Load(step + 1);
                Vector128<byte> a2 = Vector128.Load(step + 2);
                Vector128<byte> a = TLookup.Low(low0, a0) & TLookup.High(high0, a0) & TLookup.Low(low1, a1) & TLookup.High(high1, a1)
                    & TLookup.Low(low2, a2) & TLookup.High(high2, a2);
                Vector128<byte> b0 = Vector128.Load(step + second);
                Vector128<byte> b1 = Vector128.Load(step + second + 1);
                Vector128<byte> b2 = Vector128.Load(step + second + 2);
                Vector128<byte> b = TLookup.Low(low0, b0) & TLookup.High(high0, b0) & TLookup.Low(low1, b1) & TLookup.High(high1, b1)
                    & TLookup.Low(low2, b2) & TLookup.High(high2, b2);
                if ((a | b) != Vector128<byte>.Zero)
                {
                    uint candidates = ~(Vector128.Equals(a, Vector128<byte>.Zero).ExtractMostSignificantBits()
                        | (Vector128.Equals(b, Vector128<byte>.Zero).ExtractMostSignificantBits() << StepBytes));
                    uint likely = 0;
                    for (; candidates != 0; candidates &= candidates - 1)
                    {
                        int bit = BitOperations.TrailingZeroCount(candidates);
                        byte* fingerprint = step + (bit < StepBytes ? bit : bit - StepBytes + second);
                        uint hash = Hash(fingerprint[0] | ((uint)fingerprint[1] << 8) | ((uint)fingerprint[2] << 16));
                        likely |= ((hashes[hash / 64] >> (int)(hash % 64)) & 1) != 0 ? candidates & (~candidates + 1) : 0;
                    }

                    if (likely != 0)
                    {
                        place = current;
                        return likely;
                    }
                }

                if (current == last)
                {
                    place = last;
                    return 0;
                }

                current = Math.Min(current + (2 * StepBytes), last);
            }
        }
    }

    /// <summary>Returns the hash of a fingerprint. It is the same for letters of both cases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(uint fingerprint) => (Fingerprint.Fold(fingerprint) * 0x9E3779B1) >> (32 - HashBits);

    /// <summary>Returns the buckets that may have their fingerprint at a place of the text, as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint BucketsAt(ReadOnlySpan<byte> text, int place) =>
        (uint)_bits[0][text[place]]
        & (place + 1 < text.Length ? _bits[1][text[place + 1]] : _short1)
        & (place + 2 < text.Length ? _bits[2][text[place + 2]] : _short2);

    /// <summary>Compares the literals of some buckets, whose fingerprint may be at a place, and keeps the best match.</summary>
    /// <returns>True if the match is better than before.</returns>
    private bool Compare(ReadOnlySpan<byte> text, int place, uint buckets, ref Match match)
    {
        bool isBetter = false;
        uint fingerprint = Fingerprint.Read(text, place);
        for (; buckets != 0; buckets &= buckets - 1)
        {
            foreach (ref readonly Literal literal in _buckets[BitOperations.TrailingZeroCount(buckets)].AsSpan())
            {
                if (!literal.Fingerprint.Is(fingerprint))
                {
                    continue;
                }

                int index = place - literal.Offset;
                if (index >= match.Start && match.IsWorseThan(index, literal.Number) && literal.IsAt(text, index))
                {
                    match.Index = index;
                    match.Literal = literal.Number;
                    isBetter = true;
                }
            }
        }

        return isBetter;
    }

    /// <summary>The best match so far: the one that begins first and, of these, the one with the lowest index in the list.</summary>
    private struct Match(int start)
    {
        public readonly int Start = start;
        public int Index = int.MaxValue;
        public int Literal = -1;

        public readonly bool IsWorseThan(int index, int literal) => index < Index || (index == Index && literal < Literal);
    }
}
