using Shipper.Processing.Multiline;

namespace Shipper.Processing.Assembling;

/// <summary>For each output, the state of a group that was sent because the log was quiet, until another line follows it; else <c>default</c>.</summary>
internal struct FlushedGroups
{
    public GroupState Stdout;

    public GroupState Stderr;
}
