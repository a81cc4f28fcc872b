using Shipper.Processing.Limits;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// What stages remember of a stream from one record to the next. It travels with the position: it is stored when the records are acknowledged, and set back
/// when they are read again. So the same bytes give the same records on every reading.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StageMemory
{
    /// <summary>Upper bound of the number of limits of a stream.</summary>
    public const int MaxLimits = 100;

    private OutputMemory _stdout;
    private OutputMemory _stderr;

    /// <summary>The limits of the stream, as <see cref="StreamRules"/> numbers them.</summary>
    public LimitMemory[] Limits { get; private set; } = [];

    /// <summary>Returns the memory of an output.</summary>
    public ref OutputMemory this[LogOutput output] => ref output == LogOutput.Stdout ? ref _stdout : ref _stderr;

    /// <summary>Makes room for the limits of a stream. The memory of a limit is found by its name, so that it survives a change of the configuration.</summary>
    /// <param name="names">The names of the limits.</param>
    public void Bind(IReadOnlyList<string> names)
    {
        if (HasLimits(names))
        {
            return;
        }

        LimitMemory[] before = Limits;
        Limits = [.. names.Select(name => Array.Find(before, limit => limit.Name == name) is { Name: not null } known ? known : new LimitMemory { Name = name })];
    }

    /// <summary>Returns true if a limit has counted records that no report contains yet.</summary>
    /// <param name="names">The names of the limits that can report.</param>
    public bool HasReport(IReadOnlyList<string> names)
    {
        foreach (LimitMemory limit in Limits)
        {
            if (limit.Records > 0 && names.Contains(limit.Name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes this a copy of another memory.</summary>
    /// <param name="other">The memory to copy; null for the memory of a stream without records.</param>
    public void CopyFrom(StageMemory? other)
    {
        if (other is null)
        {
            _stdout = default;
            _stderr = default;
            Limits = [];
            return;
        }

        _stdout = other._stdout;
        _stderr = other._stderr;
        if (Limits.Length != other.Limits.Length)
        {
            Limits = new LimitMemory[other.Limits.Length];
        }

        other.Limits.CopyTo(Limits, 0);
    }

    /// <summary>Writes the memory for a checkpoint.</summary>
    /// <remarks>
    /// <code>2*(learned:uint64 key-state:varint) count:varint *(name:string time:varint bytes-due:varint lines-due:varint records:varint bytes:varint since:varint)</code>
    /// </remarks>
    public void Write(BinaryWriter writer)
    {
        Write(writer, in _stdout);
        Write(writer, in _stderr);
        writer.Write7BitEncodedInt(Limits.Length);
        foreach (LimitMemory limit in Limits)
        {
            writer.Write(limit.Name);
            writer.Write7BitEncodedInt64(limit.TimeNs);
            writer.Write7BitEncodedInt64(limit.BytesDueNs);
            writer.Write7BitEncodedInt64(limit.LinesDueNs);
            writer.Write7BitEncodedInt64(limit.Records);
            writer.Write7BitEncodedInt64(limit.Bytes);
            writer.Write7BitEncodedInt64(limit.SinceNs);
        }
    }

    /// <summary>Reads what <see cref="Write(BinaryWriter)"/> wrote.</summary>
    /// <exception cref="FormatException">These are not bytes that an agent writes.</exception>
    /// <exception cref="IOException">The bytes end too early.</exception>
    public static StageMemory Read(BinaryReader reader)
    {
        var memory = new StageMemory { _stdout = ReadOutput(reader), _stderr = ReadOutput(reader) };
        int count = reader.Read7BitEncodedInt();
        if (count is < 0 or > MaxLimits)
        {
            throw new FormatException("not a number of limits");
        }

        memory.Limits = new LimitMemory[count];
        for (int i = 0; i < count; i++)
        {
            memory.Limits[i] = new LimitMemory
            {
                Name = reader.ReadString(),
                TimeNs = reader.Read7BitEncodedInt64(),
                BytesDueNs = reader.Read7BitEncodedInt64(),
                LinesDueNs = reader.Read7BitEncodedInt64(),
                Records = reader.Read7BitEncodedInt64(),
                Bytes = reader.Read7BitEncodedInt64(),
                SinceNs = reader.Read7BitEncodedInt64(),
            };
        }

        return memory;
    }

    /// <summary>Returns true if the memory is that of the limits with these names. Called for each turn of a stream, so it allocates nothing.</summary>
    private bool HasLimits(IReadOnlyList<string> names)
    {
        if (Limits.Length != names.Count)
        {
            return false;
        }

        for (int i = 0; i < Limits.Length; i++)
        {
            if (Limits[i].Name != names[i])
            {
                return false;
            }
        }

        return true;
    }

    private static void Write(BinaryWriter writer, in OutputMemory output)
    {
        writer.Write(output.Learned);
        writer.Write7BitEncodedInt(output.KeyState);
    }

    private static OutputMemory ReadOutput(BinaryReader reader) => new() { Learned = reader.ReadUInt64(), KeyState = reader.Read7BitEncodedInt() };
}
