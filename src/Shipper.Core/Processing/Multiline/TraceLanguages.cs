namespace Shipper.Processing.Multiline;

/// <summary>The kinds of multi-line text that are recognized without a pattern. Their names in lower case are the ones in the configuration.</summary>
[Flags]
internal enum TraceLanguages
{
    None = 0,
    Java = 1,
    Python = 2,
    Go = 4,
    Dotnet = 8,
    Node = 16,
    Ruby = 32,
    Php = 64,
    Rust = 128,
    Dart = 256,

    /// <summary>A JSON object that is printed over several lines.</summary>
    Json = 512,

    /// <summary>All of them.</summary>
    All = 1023,
}
