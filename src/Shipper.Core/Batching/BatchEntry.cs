namespace Shipper.Batching;

/// <summary>One record of a batch that is not filled any more.</summary>
/// <param name="Run">The run it is in.</param>
/// <param name="Start">Where it begins in the batch's bytes.</param>
/// <param name="Length">Bytes of it.</param>
internal readonly record struct BatchEntry(Run Run, int Start, int Length);
