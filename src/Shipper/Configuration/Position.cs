namespace Shipper.Configuration;

/// <summary>A place in a configuration file, counted from 1.</summary>
internal readonly record struct Position(int Line, int Column);
