namespace Shipper.Configuration;

/// <summary>A location in a configuration file. Lines and columns count from 1.</summary>
internal readonly record struct SourceLocation(int Line, int Column);
