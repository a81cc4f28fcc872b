namespace Shipper.Journal;

/// <summary>
/// Takes the fields that are sent out of an entry. They are copied: the library's memory is valid until the next field only,
/// because it unpacks compressed ones into one buffer and may unmap the window that another lies in.
/// </summary>
/// <remarks>Not safe for concurrent use. What it gives is overwritten by the next entry.</remarks>
/// <param name="maxMessageBytes">The longest message that is kept whole.</param>
internal sealed unsafe class JournalFields(int maxMessageBytes)
{
    private const int Identifier = 0;
    private const int Command = 1;
    private const int Pid = 2;
    private const int SyslogPid = 3;
    private const int Transport = 4;
    private const int BootId = 5;
    private const int Slots = 6;

    // What is unpacked at most of a message that lz4 has packed.
    private const int MaxUnpackedBytes = 16 * 1024 * 1024;

    // A value that is cut later is cut between two characters, so the last one must be here whole.
    private const int SlotBytes = JournalMetadata.MaxValueBytes + 4;

    private readonly byte[] _message = GC.AllocateUninitializedArray<byte>(maxMessageBytes);
    private readonly byte[] _values = new byte[Slots * SlotBytes];
    private readonly int[] _lengths = new int[Slots];

    private JournalUnit? _unit;
    private long _messageLength;
    private int _priority;

    /// <summary>
    /// The least that the library must unpack of a field: the longest message, its name, and a byte that tells that there
    /// is more. Fields that are not compressed are given whole.
    /// </summary>
    public nuint DataThreshold => (nuint)(maxMessageBytes + MessageName.Length + 1);

    private static ReadOnlySpan<byte> MessageName => "MESSAGE="u8;

    /// <summary>Reads the present entry of a journal.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="units">Where to find the unit.</param>
    /// <param name="timestampNs">Its time.</param>
    /// <param name="error">The error where a field could not be read, else 0.</param>
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
            Take(new ReadOnlySpan<byte>(data, (int)nuint.Min(length, int.MaxValue)), units);
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

    /// <summary>The enumeration does not get past a field that can't be read; asking by name may.</summary>
    private void ReadOneByOne(nint journal, JournalUnits units)
    {
        if (ReadOne(journal, units, "MESSAGE\0"u8) == LibSystemd.ErrorNoBuffer)
        {
            // Newer libraries unpack lz4 wholly or not at all: not what is longer than the threshold.
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

    /// <returns>0, or the error.</returns>
    private int ReadOne(nint journal, JournalUnits units, ReadOnlySpan<byte> field)
    {
        byte* data;
        nuint length;
        fixed (byte* name = field)
        {
            int error = LibSystemd.GetData(journal, name, &data, &length);
            if (error >= 0)
            {
                Take(new ReadOnlySpan<byte>(data, (int)nuint.Min(length, int.MaxValue)), units);
            }

            return error;
        }
    }

    /// <summary>Keeps a field that is sent. A field may stand several times in an entry: the first one counts.</summary>
    private void Take(ReadOnlySpan<byte> data, JournalUnits units)
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
                Keep(Identifier, data["SYSLOG_IDENTIFIER=".Length..]);
                break;
            case (byte)'S' when data.StartsWith("SYSLOG_PID="u8):
                Keep(SyslogPid, data["SYSLOG_PID=".Length..]);
                break;
            case (byte)'_':
                TakeTrusted(data, units);
                break;
            default:
                break;
        }
    }

    /// <summary>Keeps a field that journald itself adds.</summary>
    private void TakeTrusted(ReadOnlySpan<byte> data, JournalUnits units)
    {
        switch (data[1])
        {
            case (byte)'S' when data.StartsWith("_SYSTEMD_UNIT="u8):
                _unit ??= units.Find(data["_SYSTEMD_UNIT=".Length..]);
                break;
            case (byte)'C' when data.StartsWith("_COMM="u8):
                Keep(Command, data["_COMM=".Length..]);
                break;
            case (byte)'P' when data.StartsWith("_PID="u8):
                Keep(Pid, data["_PID=".Length..]);
                break;
            case (byte)'T' when data.StartsWith("_TRANSPORT="u8):
                Keep(Transport, data["_TRANSPORT=".Length..]);
                break;
            case (byte)'B' when data.StartsWith("_BOOT_ID="u8):
                Keep(BootId, data["_BOOT_ID=".Length..]);
                break;
            default:
                break;
        }
    }

    private void Keep(int slot, ReadOnlySpan<byte> value)
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
