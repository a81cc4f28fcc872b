using System.IO.Hashing;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>A parser of foreign bytes: what it is fed with, and what must hold whatever that is.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs that make sense. Mutation begins with these and with the corpus.</summary>
    public abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>What such inputs are made of.</summary>
    public abstract IReadOnlyList<byte[]> Words { get; }

    /// <summary>Inputs are not longer.</summary>
    public virtual int MaxBytes => 8 * 1024;

    /// <summary>One input takes no longer, however busy the machine is.</summary>
    public virtual TimeSpan MaxDuration => TimeSpan.FromMinutes(1);

    /// <summary>
    /// Fails where something does not hold. It depends on the input alone, so that an input that failed once fails each time.
    /// </summary>
    /// <returns>In few words what came of the input: one that leads to something new is kept and mutated on.</returns>
    public abstract string Check(byte[] input);

    /// <summary>For what a check has to choose: the same with each run of the same input.</summary>
    protected static Random RandomOf(byte[] input) => new((int)Crc32.HashToUInt32(input));

    /// <summary>A number as one of few words.</summary>
    protected static string Magnitude(long number) => number switch
    {
        < 0 => "-",
        < 4 => $"{number}",
        < 16 => "some",
        < 256 => "many",
        _ => "lots",
    };
}
