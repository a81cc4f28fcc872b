using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Shipper.Processing.Multiline.Traces;

/// <summary>
/// Finds the words in which the names of nearly all exceptions end: <c>Exception</c> and <c>Error</c>. Every line is searched for them, so the search compares
/// only two bytes at 16 places at a time. A <see cref="Literals.LiteralSet"/> with the same words takes more than twice as long.
/// </summary>
internal static class ExceptionWords
{
    private const int StepBytes = 16;

    /// <summary>Finds the next word.</summary>
    /// <param name="start">Index at which the search begins.</param>
    /// <param name="end">Receives the index behind the word.</param>
    /// <returns>Index of the word; -1 if there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ReadOnlySpan<byte> text, int start, out int end) =>
        Vector128.IsHardwareAccelerated && text.Length - start > StepBytes ? IndexOfBySteps(text, start, out end) : IndexOfByBytes(text, start, out end);

    private static unsafe int IndexOfBySteps(ReadOnlySpan<byte> text, int start, out int end)
    {
        int current = start;
        int last = text.Length - StepBytes - 1;
        fixed (byte* bytes = text)
        {
            while (true)
            {
                Vector128<byte> second = Vector128.Load(bytes + current + 1);
                Vector128<byte> found = Vector128.Equals(Vector128.Load(bytes + current), Vector128.Create((byte)'E'))
                    & (Vector128.Equals(second, Vector128.Create((byte)'r')) | Vector128.Equals(second, Vector128.Create((byte)'x')));
                if (found != Vector128<byte>.Zero)
                {
                    int index = FirstWord(text, current, found.ExtractMostSignificantBits(), out end);
                    if (index >= 0)
                    {
                        return index;
                    }
                }

                if (current == last)
                {
                    // Two bytes at the end are not a word.
                    end = 0;
                    return -1;
                }

                // The last step covers some places again.
                current = Math.Min(current + StepBytes, last);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FirstWord(ReadOnlySpan<byte> text, int start, uint places, out int end)
    {
        for (; places != 0; places &= places - 1)
        {
            int index = start + BitOperations.TrailingZeroCount(places);
            end = EndOfWord(text, index);
            if (end > 0)
            {
                return index;
            }
        }

        end = 0;
        return -1;
    }

    private static int IndexOfByBytes(ReadOnlySpan<byte> text, int start, out int end)
    {
        for (int index = start; index < text.Length; index++)
        {
            end = EndOfWord(text, index);
            if (end > 0)
            {
                return index;
            }
        }

        end = 0;
        return -1;
    }

    /// <summary>Returns the index behind the word at an index; 0 if there is none.</summary>
    private static int EndOfWord(ReadOnlySpan<byte> text, int index)
    {
        ReadOnlySpan<byte> rest = text[index..];
        return rest.StartsWith("Exception"u8) ? index + 9 : rest.StartsWith("Error"u8) ? index + 5 : 0;
    }
}
