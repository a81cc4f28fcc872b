namespace Shipper.Processing;

/// <summary>How long a line may be.</summary>
/// <param name="MaxBytes">Bytes of the longest line that is sent.</param>
/// <param name="LongLines">What happens to longer ones.</param>
internal readonly record struct LineLimit(int MaxBytes, LongLines LongLines);
