namespace Shipper.Records;

/// <summary>Which output of its container a line was written to.</summary>
internal enum LogOutput
{
    Stdout = 0,
    Stderr = 1,
}
