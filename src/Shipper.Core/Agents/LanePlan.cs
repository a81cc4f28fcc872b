using Shipper.Journal;
using Shipper.Lanes;
using Shipper.Loki;

namespace Shipper.Agents;

/// <summary>How many lanes there are, and what each of them takes.</summary>
internal static class LanePlan
{
    private const int MaxLanes = 4;

    /// <summary>How many lanes fit the memory for what is read and not acknowledged.</summary>
    /// <returns>0 if not even one does.</returns>
    public static int CountLanes(AgentOptions options) =>
        (int)Math.Clamp((options.BufferMemory - JournalMemoryBytes(options)) / LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)), 0, MaxLanes);

    /// <summary>Bytes that must be allowed for what is read and not acknowledged: one lane's, and the journal's.</summary>
    public static long MinMemoryBytes(AgentOptions options) =>
        LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)) + JournalMemoryBytes(options);

    /// <summary>The largest line of any source, in bytes.</summary>
    public static int MaxLineBytes(AgentOptions options) =>
        options.Files.Select(file => file.Tailer).Append(options.Containers.Tailer).Max(tailer => tailer.MaxLineBytes);

    /// <summary>What the lanes of files are made of.</summary>
    public static LaneOptions Files(AgentOptions options) => new(options.Loki.Batch, MaxLineBytes(options));

    /// <summary>What the journal's lane is made of.</summary>
    public static LaneOptions Journal(AgentOptions options) => new(JournalBatch(options), JournalSource.MaxLineBytes);

    private static long JournalMemoryBytes(AgentOptions options) =>
        options.Journal.Enabled ? LaneOptions.MemoryBytes(JournalBatch(options), JournalSource.MaxLineBytes) : 0;

    private static BatchOptions JournalBatch(AgentOptions options) =>
        new() { Size = Math.Min(options.Loki.Batch.Size, JournalSource.MaxBatchBytes), Wait = options.Loki.Batch.Wait };
}
