using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;

namespace Shipper.Processing;

/// <summary>What happens to the lines of one output of a stream. Immutable, and shared by all streams for which it is the same.</summary>
/// <param name="group">Decides which lines are joined; null if each line is a record.</param>
/// <param name="stages">The stages, in the order in which a record passes them.</param>
internal sealed class OutputRules(GroupRule? group, params ProcessingStage[] stages)
{
    /// <summary>Nothing happens.</summary>
    public static OutputRules None { get; } = new(group: null);

    /// <summary>Decides which lines are joined; null if each line is a record.</summary>
    public GroupRule? Group { get; } = group;

    /// <summary>Name of the kind of groups, for metrics.</summary>
    public string GroupName { get; init; } = "";

    /// <summary>The stages, in the order in which a record passes them.</summary>
    public ProcessingStage[] Stages { get; } = stages;

    /// <summary>The stage that removes secrets and personal data; null if there is none. It is the last one.</summary>
    public RedactStage? Redact { get; } = stages is [.., RedactStage last] ? last : null;
}
