using System.IO.Hashing;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>A parser of untrusted bytes: what to feed it, and what must hold for any input.</summary>
internal abstract class FuzzTarget
{
    /// <summary>The target's folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs. Mutation starts with these and with the corpus.</summary>
    public abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>Typical fragments of inputs.</summary>
    public abstract IReadOnlyList<byte[]> Words { get; }

    /// <summary>Maximum length of an input.</summary>
    public virtual int MaxBytes => 8 * 1024;

    /// <summary>Maximum time for one input, even on a busy machine.</summary>
    public virtual TimeSpan MaxDuration => TimeSpan.FromMinutes(1);

    /// <summary>Throws if the parser does anything wrong. The result depends on the input alone, so that an input that failed once fails each time.</summary>
    /// <returns>A short description of the outcome: an input with a new one is kept and mutated further.</returns>
    public abstract string Check(byte[] input);

    /// <summary>Random choices for a check: the same in each run with the same input.</summary>
    protected static Random RandomOf(byte[] input) => new((int)Crc32.HashToUInt32(input));

    /// <summary>Reduces a number to one of a few words.</summary>
    protected static string Magnitude(long number) => number switch
    {
        < 0 => "-",
        < 4 => $"{number}",
        < 16 => "some",
        < 256 => "many",
        _ => "lots",
    };
}
