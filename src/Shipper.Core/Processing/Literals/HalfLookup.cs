using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Shipper.Processing.Literals;

/// <summary>
/// Looks up 16 bytes at once by the lower or the upper half of each. The implementations are type arguments, so that a loop has only the instructions of one.
/// <see cref="Vector128.ShuffleNative(Vector128{byte}, Vector128{byte})"/> would be a call in a NativeAOT program, which must run on processors without SSSE3.
/// </summary>
internal interface IHalfLookup
{
    /// <summary>Looks up by the lower half.</summary>
    static abstract Vector128<byte> Low(Vector128<byte> table, Vector128<byte> bytes);

    /// <summary>Looks up by the upper half.</summary>
    static abstract Vector128<byte> High(Vector128<byte> table, Vector128<byte> bytes);
}

/// <summary>For x64.</summary>
internal readonly struct Ssse3Lookup : IHalfLookup
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> table, Vector128<byte> bytes) => Ssse3.Shuffle(table, bytes & Vector128.Create((byte)0x0F));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> table, Vector128<byte> bytes) =>
        Ssse3.Shuffle(table, (bytes.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)0x0F));
}

/// <summary>For x64 and tables in which no byte above 127 has an entry: for these bytes the instruction returns 0.</summary>
internal readonly struct Ssse3AsciiLookup : IHalfLookup
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> table, Vector128<byte> bytes) => Ssse3.Shuffle(table, bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> table, Vector128<byte> bytes) => Ssse3Lookup.High(table, bytes);
}

/// <summary>For arm64.</summary>
internal readonly struct AdvSimdLookup : IHalfLookup
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> table, Vector128<byte> bytes) =>
        AdvSimd.Arm64.VectorTableLookup(table, bytes & Vector128.Create((byte)0x0F));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> table, Vector128<byte> bytes) => AdvSimd.Arm64.VectorTableLookup(table, bytes >>> 4);
}
