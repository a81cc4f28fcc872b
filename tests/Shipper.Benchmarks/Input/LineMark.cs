using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace Shipper.Benchmarks.Input;

/// <summary>
/// The mark of a line, <c>seq=FILE.NUMBER.WRITTEN</c>, with a <c>~</c> behind it if an agent may drop the line. It has no characters that JSON escapes, so it
/// can be found in any output of an agent.
/// </summary>
/// <param name="File">Number of the file.</param>
/// <param name="Number">Number of the line in its file, from 0. Lines that may be dropped are counted separately.</param>
/// <param name="WrittenUs">When the line was written, on the clock of <see cref="NowUs"/>; 0 if that was before the agent started.</param>
/// <param name="MayBeDropped">True if a rule of an agent may drop the line.</param>
internal readonly record struct LineMark(int File, long Number, long WrittenUs, bool MayBeDropped = false)
{
    public const string Name = "seq=";

    private const byte DroppedSign = (byte)'~';

    /// <summary>The time of the monotonic clock, which all processes of a machine share, in microseconds.</summary>
    public static long NowUs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    /// <summary>Finds the first mark in a text.</summary>
    /// <param name="text">One or more lines.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="end">Number of bytes up to the end of the mark; the whole length if there is none.</param>
    public static bool TryFind(ReadOnlySpan<byte> text, out LineMark mark, out int end)
    {
        mark = default;
        end = text.Length;
        int at = text.IndexOf("seq="u8);
        if (at < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[(at + Name.Length)..];
        if (!Utf8Parser.TryParse(rest, out int file, out int length) || !TrySkipDot(ref rest, length)
            || !Utf8Parser.TryParse(rest, out long number, out length) || !TrySkipDot(ref rest, length)
            || !Utf8Parser.TryParse(rest, out long written, out length))
        {
            return false;
        }

        bool mayBeDropped = length < rest.Length && rest[length] == DroppedSign;
        mark = new LineMark(file, number, written, mayBeDropped);
        end = text.Length - rest.Length + length;
        return file >= 0 && number >= 0;
    }

    /// <summary>Returns the mark as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}{File}.{Number}.{WrittenUs}{(MayBeDropped ? "~" : "")}");

    private static bool TrySkipDot(ref ReadOnlySpan<byte> rest, int at)
    {
        if (at >= rest.Length || rest[at] != '.')
        {
            return false;
        }

        rest = rest[(at + 1)..];
        return true;
    }
}
