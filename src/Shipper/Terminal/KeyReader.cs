using System.Text;
using Shipper.Native;

namespace Shipper.Terminal;

/// <summary>
/// Reads keys from standard input in raw mode. Without a terminfo database, it knows the sequences that all terminals in use send: those of xterm, and of the Linux console.
/// </summary>
/// <remarks>Reads on a thread of its own, which waits for a key when the program ends.</remarks>
internal sealed class KeyReader(Stream input, Action<Key> pressed)
{
    // A sequence arrives in one piece, or in several close together through kubectl exec. Escape alone is the key.
    private const int SequenceMilliseconds = 50;

    private readonly byte[] _buffer = new byte[256];
    private int _length;
    private int _next;

    /// <summary>Starts reading.</summary>
    public void Start() => new Thread(Read) { IsBackground = true, Name = "keys" }.Start();

    private void Read()
    {
        try
        {
            while (TryNext(out byte first))
            {
                Key key = ReadKey(first);
                if (key.Kind != KeyKind.None)
                {
                    pressed(key);
                }
            }
        }
        catch (IOException)
        {
            // The terminal is gone.
        }

        pressed(Key.Of(KeyKind.Interrupt));
    }

    private Key ReadKey(byte first)
    {
        switch (first)
        {
            case 0x1b:
                return ReadSequence();
            case (byte)'\r' or (byte)'\n':
                return Key.Of(KeyKind.Enter);
            case 0x7f or 0x08:
                return Key.Of(KeyKind.Backspace);
            case 0x03 or 0x04:
                return Key.Of(KeyKind.Interrupt);
            case 0x02:
                return Key.Of(KeyKind.PageUp);
            case 0x06:
                return Key.Of(KeyKind.PageDown);
            case < 0x20:
                return default;
            case < 0x80:
                return new Key(KeyKind.Character, $"{(char)first}");
            default:
                return ReadRune(first);
        }
    }

    private Key ReadRune(byte first)
    {
        List<byte> bytes = [first];
        int more = first switch { >= 0xf0 => 3, >= 0xe0 => 2, >= 0xc0 => 1, _ => 0 };
        while (more-- > 0 && TryNextSoon(out byte next))
        {
            bytes.Add(next);
        }

        return new Key(KeyKind.Character, Encoding.UTF8.GetString([.. bytes]));
    }

    // ESC [ parameters final, or ESC O final.
    private Key ReadSequence()
    {
        if (!TryNextSoon(out byte kind))
        {
            return Key.Of(KeyKind.Escape);
        }

        if (kind is not ((byte)'[' or (byte)'O'))
        {
            return kind == 0x1b ? Key.Of(KeyKind.Escape) : default;
        }

        string parameters = "";
        while (TryNextSoon(out byte next))
        {
            if (next is >= 0x40 and < 0x7f)
            {
                return Key.Of(((char)next, parameters) switch
                {
                    ('A', _) => KeyKind.Up,
                    ('B', _) => KeyKind.Down,
                    ('H', _) or ('~', "1" or "7") => KeyKind.Home,
                    ('F', _) or ('~', "4" or "8") => KeyKind.End,
                    ('~', "5") => KeyKind.PageUp,
                    ('~', "6") => KeyKind.PageDown,
                    ('M', _) when kind == 'O' => KeyKind.Enter,
                    _ => KeyKind.None,
                });
            }

            parameters += (char)next;
        }

        return default;
    }

    private bool TryNextSoon(out byte next)
    {
        next = 0;
        return (_next < _length || TerminalDevice.WaitForInput(SequenceMilliseconds)) && TryNext(out next);
    }

    private bool TryNext(out byte next)
    {
        if (_next == _length)
        {
            _next = 0;
            _length = input.Read(_buffer);
        }

        next = _next < _length ? _buffer[_next++] : (byte)0;
        return _length > 0;
    }
}
