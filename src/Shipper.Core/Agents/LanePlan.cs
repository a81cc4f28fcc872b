using Shipper.Journal;
using Shipper.Lanes;
using Shipper.Loki;

namespace Shipper.Agents;

/// <summary>Decides how many lanes there are and how large their buffers are.</summary>
internal static class LanePlan
{
    private const int MaxLanes = 4;

    /// <summary>Returns how many lanes fit into <c>buffer.memory</c>, at most 4.</summary>
    /// <returns>0 if not even one lane fits.</returns>
    public static int CountLanes(AgentOptions options) =>
        (int)Math.Clamp((options.BufferMemory - JournalMemoryBytes(options)) / LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)), 0, MaxLanes);

    /// <summary>Returns the smallest valid <c>buffer.memory</c> in bytes: room for one lane of files and the journal's lane.</summary>
    public static long MinMemoryBytes(AgentOptions options) =>
        LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)) + JournalMemoryBytes(options);

    /// <summary>Returns the largest <c>maxLineSize</c> of all file sources, in bytes.</summary>
    public static int MaxLineBytes(AgentOptions options) =>
        options.Files.Select(file => file.Tailer).Append(options.Containers.Tailer).Max(tailer => tailer.MaxLineBytes);

    /// <summary>Returns the options of the lanes that read files.</summary>
    public static LaneOptions FileLaneOptions(AgentOptions options) => new(options.Loki.Batch, MaxLineBytes(options));

    /// <summary>Returns the options of the journal's lane.</summary>
    public static LaneOptions JournalLaneOptions(AgentOptions options) => new(JournalBatch(options), JournalSource.MaxLineBytes);

    private static long JournalMemoryBytes(AgentOptions options) =>
        options.Journal.Enabled ? LaneOptions.MemoryBytes(JournalBatch(options), JournalSource.MaxLineBytes) : 0;

    private static BatchOptions JournalBatch(AgentOptions options) =>
        new() { Size = Math.Min(options.Loki.Batch.Size, JournalSource.MaxBatchBytes), Wait = options.Loki.Batch.Wait };
}
