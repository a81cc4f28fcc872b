namespace Shipper.Journal;

/// <summary>
/// Extracts the fields of an entry that are sent. Copies them, because the library's memory is valid only until the next field: all compressed fields are
/// decompressed into the same buffer, and the window that contains another field may be unmapped.
/// </summary>
/// <remarks>Not thread-safe. The next entry overwrites the result.</remarks>
/// <param name="maxMessageBytes">Maximum length in bytes of a message that is kept whole.</param>
internal sealed unsafe class JournalFields(int maxMessageBytes)
{
    private const int Identifier = 0;
    private const int Command = 1;
    private const int Pid = 2;
    private const int SyslogPid = 3;
    private const int Transport = 4;
    private const int BootId = 5;
    private const int Slots = 6;

    // Maximum number of bytes to decompress of a message compressed with lz4.
    private const int MaxUnpackedBytes = 16 * 1024 * 1024;

    // A longer value is later truncated at a character boundary, so the last character must be complete here.
    private const int SlotBytes = JournalMetadata.MaxValueBytes + 4;

    private readonly byte[] _message = GC.AllocateUninitializedArray<byte>(maxMessageBytes);
    private readonly byte[] _values = new byte[Slots * SlotBytes];
    private readonly int[] _lengths = new int[Slots];

    private JournalUnit? _unit;
    private long _messageLength;
    private int _priority;

    /// <summary>
    /// Minimum number of bytes of a field that the library must decompress: the name, the longest message, and one byte that shows that more follows. The
    /// library returns uncompressed fields whole.
    /// </summary>
    public nuint DataThreshold => (nuint)(maxMessageBytes + MessageName.Length + 1);

    private static ReadOnlySpan<byte> MessageName => "MESSAGE="u8;

    /// <summary>Reads the current entry of a journal.</summary>
    /// <param name="journal">The library's handle of the journal.</param>
    /// <param name="units">Resolves the unit.</param>
    /// <param name="timestampNs">The entry's timestamp, in nanoseconds since 1970.</param>
    /// <param name="error">The library's negative error number if a field could not be read; else 0.</param>
    public JournalEntry Read(nint journal, JournalUnits units, long timestampNs, out int error)
    {
        _unit = null;
        _messageLength = -1;
        _priority = JournalLevels.None;
        Array.Clear(_lengths);

        byte* data;
        nuint length;
        LibSystemd.RestartData(journal);
        while ((error = LibSystemd.EnumerateData(journal, &data, &length)) > 0)
        {
            KeepField(new ReadOnlySpan<byte>(data, (int)nuint.Min(length, int.MaxValue)), units);
        }

        if (error < 0)
        {
            ReadOneByOne(journal, units);
        }

        ReadOnlySpan<byte> transport = Value(Transport);
        return new JournalEntry(transport.SequenceEqual("kernel"u8) ? units.Kernel : _unit ?? units.Unknown, _priority)
        {
            RealtimeNs = timestampNs,
            Message = _message.AsSpan(0, (int)Math.Clamp(_messageLength, 0, maxMessageBytes)),
            MessageLength = Math.Max(_messageLength, 0),
            HasMessage = _messageLength >= 0,
            IsDamaged = error < 0,
            Identifier = _lengths[Identifier] > 0 ? Value(Identifier) : Value(Command),
            Pid = _lengths[Pid] > 0 ? Value(Pid) : Value(SyslogPid),
            Transport = transport,
            BootId = Value(BootId),
        };
    }

    /// <summary>Reads the fields by name. The enumeration stops at a field that can't be read, but other fields may still be readable by name.</summary>
    private void ReadOneByOne(nint journal, JournalUnits units)
    {
        if (ReadOne(journal, units, "MESSAGE\0"u8) == LibSystemd.ErrorNoBuffer)
        {
            // Newer libraries decompress lz4 completely or not at all: they reject a field that is longer than the threshold.
            _ = LibSystemd.SetDataThreshold(journal, MaxUnpackedBytes);
            _ = ReadOne(journal, units, "MESSAGE\0"u8);
            _ = LibSystemd.SetDataThreshold(journal, DataThreshold);
        }

        _ = ReadOne(journal, units, "PRIORITY\0"u8);
        _ = ReadOne(journal, units, "SYSLOG_IDENTIFIER\0"u8);
        _ = ReadOne(journal, units, "SYSLOG_PID\0"u8);
        _ = ReadOne(journal, units, "_SYSTEMD_UNIT\0"u8);
        _ = ReadOne(journal, units, "_COMM\0"u8);
        _ = ReadOne(journal, units, "_PID\0"u8);
        _ = ReadOne(journal, units, "_TRANSPORT\0"u8);
        _ = ReadOne(journal, units, "_BOOT_ID\0"u8);
    }

    /// <returns>0, or the library's negative error number.</returns>
    private int ReadOne(nint journal, JournalUnits units, ReadOnlySpan<byte> field)
    {
        byte* data;
        nuint length;
        fixed (byte* name = field)
        {
            int error = LibSystemd.GetData(journal, name, &data, &length);
            if (error >= 0)
            {
                KeepField(new ReadOnlySpan<byte>(data, (int)nuint.Min(length, int.MaxValue)), units);
            }

            return error;
        }
    }

    /// <summary>Stores a field if it is one of those that are sent. If an entry has a field several times, the first one counts.</summary>
    private void KeepField(ReadOnlySpan<byte> data, JournalUnits units)
    {
        if (data.Length < 5)
        {
            return;
        }

        switch (data[0])
        {
            case (byte)'M' when data.StartsWith(MessageName):
                if (_messageLength < 0)
                {
                    data = data[MessageName.Length..];
                    _messageLength = data.Length;
                    data[..Math.Min(data.Length, maxMessageBytes)].CopyTo(_message);
                }

                break;
            case (byte)'P' when data.StartsWith("PRIORITY="u8):
                if (_priority == JournalLevels.None)
                {
                    _priority = JournalLevels.Parse(data["PRIORITY=".Length..]);
                }

                break;
            case (byte)'S' when data.StartsWith("SYSLOG_IDENTIFIER="u8):
                KeepValue(Identifier, data["SYSLOG_IDENTIFIER=".Length..]);
                break;
            case (byte)'S' when data.StartsWith("SYSLOG_PID="u8):
                KeepValue(SyslogPid, data["SYSLOG_PID=".Length..]);
                break;
            case (byte)'_':
                KeepTrustedField(data, units);
                break;
            default:
                break;
        }
    }

    /// <summary>Stores a field that journald itself adds.</summary>
    private void KeepTrustedField(ReadOnlySpan<byte> data, JournalUnits units)
    {
        switch (data[1])
        {
            case (byte)'S' when data.StartsWith("_SYSTEMD_UNIT="u8):
                _unit ??= units.Find(data["_SYSTEMD_UNIT=".Length..]);
                break;
            case (byte)'C' when data.StartsWith("_COMM="u8):
                KeepValue(Command, data["_COMM=".Length..]);
                break;
            case (byte)'P' when data.StartsWith("_PID="u8):
                KeepValue(Pid, data["_PID=".Length..]);
                break;
            case (byte)'T' when data.StartsWith("_TRANSPORT="u8):
                KeepValue(Transport, data["_TRANSPORT=".Length..]);
                break;
            case (byte)'B' when data.StartsWith("_BOOT_ID="u8):
                KeepValue(BootId, data["_BOOT_ID=".Length..]);
                break;
            default:
                break;
        }
    }

    private void KeepValue(int slot, ReadOnlySpan<byte> value)
    {
        if (_lengths[slot] == 0)
        {
            int length = Math.Min(value.Length, SlotBytes);
            value[..length].CopyTo(_values.AsSpan(slot * SlotBytes));
            _lengths[slot] = length;
        }
    }

    private ReadOnlySpan<byte> Value(int slot) => _values.AsSpan(slot * SlotBytes, _lengths[slot]);
}
