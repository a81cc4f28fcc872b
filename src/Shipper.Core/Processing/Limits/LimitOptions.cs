using Shipper.Processing.Rules;

namespace Shipper.Processing.Limits;

/// <summary>A limit for each container: an element of <c>processing.limits</c>.</summary>
internal sealed class LimitOptions
{
    /// <summary>Name of the limit, unique among rules and limits: the reason under which its records are counted.</summary>
    public string Name { get; set; } = "";

    /// <summary>The records that the limit applies to.</summary>
    public WhenOptions When { get; set; } = new();

    /// <summary>Bytes of text per second; 0 for no limit.</summary>
    public long Bytes { get; set; }

    /// <summary>Records per second; 0 for no limit.</summary>
    public long Lines { get; set; }

    /// <summary>For how long a container that was quiet may exceed its limit: the limit times this duration is the largest burst.</summary>
    public TimeSpan Burst { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What happens to records over the limit.</summary>
    public OverLimit Over { get; set; } = OverLimit.Slow;
}
