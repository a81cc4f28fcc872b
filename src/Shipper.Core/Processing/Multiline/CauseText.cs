namespace Shipper.Processing.Multiline;

/// <summary>Recognizes the cause of an exception where no automaton runs.</summary>
internal static class CauseText
{
    /// <summary>Returns true if the line begins the cause of an exception in Java, .NET or Node.</summary>
    public static bool IsCause(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> body = line.TrimStart(" \t"u8);
        return body.StartsWith("Caused by: "u8) || body.StartsWith("---> "u8) || body.StartsWith("[cause]: "u8);
    }
}
