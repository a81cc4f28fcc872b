using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Shipper.Processing.Redaction;

/// <summary>64 bytes of a text. Tells for all of them at once whether they are of a class, as bits: the lowest bit is the first byte.</summary>
internal readonly struct ByteWindow
{
    public const int Length = 64;

    private readonly Vector128<byte> _first;
    private readonly Vector128<byte> _second;
    private readonly Vector128<byte> _third;
    private readonly Vector128<byte> _fourth;

    /// <param name="text">At least <see cref="Length"/> bytes.</param>
    public ByteWindow(ReadOnlySpan<byte> text)
    {
        _first = Vector128.Create(text[..16]);
        _second = Vector128.Create(text[16..32]);
        _third = Vector128.Create(text[32..48]);
        _fourth = Vector128.Create(text[48..64]);
    }

    /// <summary>Returns where a byte is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Equal(byte value)
    {
        Vector128<byte> values = Vector128.Create(value);
        return Join(Vector128.Equals(_first, values), Vector128.Equals(_second, values), Vector128.Equals(_third, values), Vector128.Equals(_fourth, values));
    }

    /// <summary>Returns where a byte of a range is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong InRange(byte first, byte last)
    {
        Vector128<byte> offset = Vector128.Create(first);
        Vector128<byte> range = Vector128.Create((byte)(last - first));
        return Join(
            Vector128.LessThanOrEqual(_first - offset, range), Vector128.LessThanOrEqual(_second - offset, range),
            Vector128.LessThanOrEqual(_third - offset, range), Vector128.LessThanOrEqual(_fourth - offset, range));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth) =>
        first.ExtractMostSignificantBits() | ((ulong)second.ExtractMostSignificantBits() << 16)
        | ((ulong)third.ExtractMostSignificantBits() << 32) | ((ulong)fourth.ExtractMostSignificantBits() << 48);
}
