namespace Shipper.Records;

/// <summary>The output of a container to which a line was written.</summary>
internal enum LogOutput
{
    Stdout = 0,
    Stderr = 1,
}
