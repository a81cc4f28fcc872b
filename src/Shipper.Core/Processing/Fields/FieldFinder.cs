using System.Numerics;
using System.Runtime.CompilerServices;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Fields;

/// <summary>Finds the values of several paths in one pass over a line. Immutable and thread-safe; allocates nothing.</summary>
/// <remarks>
/// <para>
/// A line that begins with <c>{</c>, after white space and escape sequences (colors), is JSON. Of any other line the first line of text is logfmt: what
/// follows it in a joined record is a stack trace or the like.
/// </para>
/// <para>
/// The first value of a path wins. Null, objects and arrays are no values. An incomplete or invalid line gives what precedes the error: see
/// <see cref="JsonScanner"/> and <see cref="LogfmtScanner"/>.
/// </para>
/// </remarks>
internal sealed class FieldFinder
{
    /// <summary>Maximum number of paths.</summary>
    public const int MaxPaths = 64;

    private const int Buckets = 256;

    private readonly byte[][] _paths;
    private readonly ulong _all;

    // For the hash of a key of the outermost object: the paths, as bits, that may begin with that key. Nearly every key of a line has none.
    private readonly ulong[] _candidates = new ulong[Buckets];

    /// <param name="paths">The paths, at most <see cref="MaxPaths"/>.</param>
    public FieldFinder(params IReadOnlyList<FieldPath> paths)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(paths.Count, MaxPaths);
        _paths = [.. paths.Select(path => path.Bytes)];
        for (int i = 0; i < _paths.Length; i++)
        {
            _all |= 1UL << i;
            ReadOnlySpan<byte> path = _paths[i];
            for (int length = 1; length <= path.Length; length++)
            {
                if (length == path.Length || path[length] == '.')
                {
                    _candidates[Hash(path[..length])] |= 1UL << i;
                }
            }
        }
    }

    /// <summary>Number of paths.</summary>
    public int Count => _paths.Length;

    /// <summary>Finds the values in a line.</summary>
    /// <param name="line">The line; it may be any bytes.</param>
    /// <param name="values">Receives for each path the place of its value, or <c>default</c> if it has none. At least <see cref="Count"/> elements.</param>
    /// <returns>Number of paths that have a value.</returns>
    public int Find(ReadOnlySpan<byte> line, Span<FieldValue> values)
    {
        values = values[.._paths.Length];
        values.Clear();
        int begin = IndexOfObject(line);
        ulong missing = begin >= 0 ? FindInJson(line, begin, values) : FindInLogfmt(line, values);
        return BitOperations.PopCount(_all & ~missing);
    }

    /// <summary>Returns the index of the brace with which a JSON line begins; -1 if the line is not JSON.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOfObject(ReadOnlySpan<byte> line) =>
        line.IsEmpty || (line[0] is > (byte)' ' and < 0x80 and not (byte)'{') ? -1 : line[0] == '{' ? 0 : IndexOfObjectBehindBlank(line);

    private static int IndexOfObjectBehindBlank(ReadOnlySpan<byte> line)
    {
        int position = 0;
        while (position < line.Length)
        {
            byte first = line[position];
            if (first == '{')
            {
                return position;
            }

            int length = first is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' ? 1 : AnsiText.MeasureSequence(line[position..]);
            if (length <= 0)
            {
                break;
            }

            position += length;
        }

        return -1;
    }

    [SkipLocalsInit]
    private ulong FindInJson(ReadOnlySpan<byte> line, int begin, Span<FieldValue> values)
    {
        // For each object that was entered: the paths that lead into it, and the length of what of them is behind, with its dot.
        Span<(ulong Paths, int Length)> levels = stackalloc (ulong, int)[FieldPath.MaxNames + 1];
        ulong missing = _all;
        var scanner = new JsonScanner(line[begin..]);
        while (missing != 0 && scanner.Read())
        {
            (ulong candidates, int length) = scanner.Depth > 1 ? levels[scanner.Depth]
                : (scanner.IsKeyEscaped ? _all : _candidates[Hash(scanner.Key)], 0);
            candidates &= missing;
            if (candidates == 0)
            {
                continue;
            }

            (ulong ends, ulong inner, int keyLength) = scanner.IsKeyEscaped
                ? MatchEscaped(scanner.Key, candidates, length) : Match(scanner.Key, candidates, length);
            if (scanner.Kind == JsonKind.Object)
            {
                if (inner != 0)
                {
                    scanner.Enter();
                    levels[scanner.Depth] = (inner, length + keyLength + 1);
                }
            }
            else if (scanner.Kind is not (JsonKind.Array or JsonKind.Null))
            {
                var value = new FieldValue(scanner.Kind, begin + scanner.ValueStart, scanner.Value.Length, scanner.IsValueEscaped);
                missing &= ~ends;
                for (; ends != 0; ends &= ends - 1)
                {
                    values[BitOperations.TrailingZeroCount(ends)] = value;
                }
            }
        }

        return missing;
    }

    /// <summary>Compares the key of a member with paths.</summary>
    /// <param name="candidates">The paths, as bits.</param>
    /// <param name="length">Length of what of the paths is behind.</param>
    /// <returns>The paths that end with the key, those that continue behind it, and the length of the key.</returns>
    private (ulong Ends, ulong Inner, int KeyLength) Match(ReadOnlySpan<byte> key, ulong candidates, int length)
    {
        ulong ends = 0;
        ulong inner = 0;
        for (; candidates != 0; candidates &= candidates - 1)
        {
            ReadOnlySpan<byte> rest = _paths[BitOperations.TrailingZeroCount(candidates)].AsSpan(length);
            if (rest.StartsWith(key))
            {
                ulong bit = candidates & (~candidates + 1);
                ends |= rest.Length == key.Length ? bit : 0;
                inner |= rest.Length > key.Length && rest[key.Length] == '.' ? bit : 0;
            }
        }

        return (ends, inner, key.Length);
    }

    [SkipLocalsInit]
    private (ulong Ends, ulong Inner, int KeyLength) MatchEscaped(ReadOnlySpan<byte> key, ulong candidates, int length)
    {
        // One character more than the longest path, so that a longer key does not match.
        Span<byte> scratch = stackalloc byte[FieldPath.MaxBytes + 4];
        return Match(scratch[..JsonText.Unescape(key, scratch)], candidates, length);
    }

    private ulong FindInLogfmt(ReadOnlySpan<byte> line, Span<FieldValue> values)
    {
        // Nearly every line has neither, so that one search is enough.
        bool isPlain = line.IndexOfAny((byte)'\n', AnsiText.Escape) < 0;
        int newline = isPlain ? -1 : line.IndexOf((byte)'\n');
        ulong missing = _all;
        var scanner = new LogfmtScanner(newline < 0 ? line : line[..newline], hasSequences: !isPlain);
        while (missing != 0 && scanner.Read())
        {
            for (ulong candidates = _candidates[Hash(scanner.Key)] & missing; candidates != 0; candidates &= candidates - 1)
            {
                int path = BitOperations.TrailingZeroCount(candidates);
                if (scanner.Key.SequenceEqual(_paths[path]))
                {
                    values[path] = new FieldValue(JsonKind.String, scanner.ValueStart, scanner.Value.Length, scanner.IsValueEscaped);
                    missing &= ~(1UL << path);
                }
            }
        }

        return missing;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Hash(ReadOnlySpan<byte> key) =>
        key.IsEmpty ? (byte)0 : (byte)(key[0] + (key[^1] * 31) + (key.Length * 67));
}
