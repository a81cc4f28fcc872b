namespace Shipper.Processing;

/// <summary>What is remembered of one output of a stream from one record to the next, other than limits. Part of <see cref="StageMemory"/>.</summary>
internal record struct OutputMemory
{
    /// <summary>What the multi-line mode <c>auto</c> has learned, as that rule defines it.</summary>
    public ulong Learned { get; set; }

    /// <summary>Where the output is in a private key that takes several records (<see cref="Redaction.KeyProgress"/>); 0 outside of a key.</summary>
    public int KeyState { get; set; }
}
