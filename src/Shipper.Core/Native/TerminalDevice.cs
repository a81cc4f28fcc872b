namespace Shipper.Native;

/// <summary>
/// The terminal behind standard input and output, driven without a terminfo database: the image of the agent has none, and <c>TERM</c> may not be set.
/// </summary>
internal static unsafe class TerminalDevice
{
    private const int Input = 0;
    private const int Output = 1;

    // TCSADRAIN: what was written before still gets the old settings.
    private const int AfterOutput = 1;

    /// <summary>Returns the size of the terminal behind standard output, in characters; null if it is unknown.</summary>
    public static (int Columns, int Rows)? GetSize()
    {
        ushort* size = stackalloc ushort[4];
        return Libc.GetWindowSize(Output, Libc.WindowSizeRequest, size) == 0 && size[0] > 0 && size[1] > 0 ? (size[1], size[0]) : null;
    }

    /// <summary>Turns off echo, line editing and the keys that send signals.</summary>
    /// <returns>The settings before, for <see cref="Restore"/>; null if standard input is not a terminal.</returns>
    public static byte[]? MakeRaw()
    {
        byte[] before = new byte[Libc.TerminalSettingsBytes];
        fixed (byte* settings = before)
        {
            if (Libc.GetTerminalSettings(Input, settings) != 0)
            {
                return null;
            }
        }

        byte[] raw = [.. before];
        fixed (byte* settings = raw)
        {
            Libc.MakeRaw(settings);
            return Libc.SetTerminalSettings(Input, AfterOutput, settings) == 0 ? before : null;
        }
    }

    /// <summary>Restores settings that <see cref="MakeRaw"/> has returned.</summary>
    public static void Restore(byte[] settings)
    {
        fixed (byte* pointer = settings)
        {
            _ = Libc.SetTerminalSettings(Input, AfterOutput, pointer);
        }
    }

    /// <summary>Waits for a key.</summary>
    /// <returns>False if none arrives in time.</returns>
    public static bool WaitForInput(int milliseconds)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = Input, Events = Libc.PollIn };
        return Libc.Poll(&descriptor, 1, milliseconds) > 0;
    }
}
