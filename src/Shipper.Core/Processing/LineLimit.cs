namespace Shipper.Processing;

/// <summary>The maximum length of lines.</summary>
/// <param name="MaxBytes">Length in bytes of the longest line that is sent whole.</param>
/// <param name="LongLines">What to do with longer lines.</param>
internal readonly record struct LineLimit(int MaxBytes, LongLineAction LongLines);
