using System.Buffers;

namespace Shipper.Journal;

/// <summary>
/// Shortens the name of a unit to a label value, so that a node has few values. systemd numbers scopes, transient services and mounts, and each label value
/// is a separate stream in Loki.
/// </summary>
internal static class UnitLabel
{
    public const string Kernel = "kernel";
    public const string Unknown = "unknown";

    /// <summary>UNIT_NAME_MAX of systemd, without the terminating NUL. No unit has a longer name.</summary>
    public const int MaxNameLength = 255;

    private const string Scope = "scope";
    private const string TransientPrefix = "run-";
    private const string BusPrefix = "dbus-:";

    // A node has units of these types for each directory, disk or user, and more for its pods.
    private static readonly string[] NumerousTypes = [Scope, "mount", "automount", "swap", "device", "slice"];

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>Returns the label value of a unit.</summary>
    /// <param name="name">The unit's name; not empty.</param>
    public static string Of(string name)
    {
        int dot = name.LastIndexOf('.');
        if (dot < 0)
        {
            return name;
        }

        string suffix = name[dot..];
        foreach (string type in NumerousTypes)
        {
            if (suffix.AsSpan(1).SequenceEqual(type))
            {
                return type;
            }
        }

        // dbus-:1.2-org.freedesktop.problems@0.service contains the number of the D-Bus connection.
        if (name.StartsWith(BusPrefix, StringComparison.Ordinal))
        {
            return "dbus-" + suffix;
        }

        int instance = name.IndexOf('@', StringComparison.Ordinal);
        if (instance >= 0 && instance < dot)
        {
            return string.Concat(name.AsSpan(0, instance + 1), suffix);
        }

        return IsTransient(name.AsSpan(0, dot)) ? TransientPrefix + suffix : name;
    }

    /// <summary>
    /// True for the names that systemd-run generates: <c>run-rHEX</c>, <c>run-uNUMBER</c>, <c>run-pNUMBER-iNUMBER</c> (systemd 257), and <c>run-NUMBER</c>
    /// (before 230).
    /// </summary>
    private static bool IsTransient(ReadOnlySpan<char> stem)
    {
        if (!stem.StartsWith(TransientPrefix, StringComparison.Ordinal) || stem.Length == TransientPrefix.Length)
        {
            return false;
        }

        ReadOnlySpan<char> rest = stem[TransientPrefix.Length..];
        switch (rest[0])
        {
            case 'r':
                return rest.Length > 8 && !rest[1..].ContainsAnyExcept(Hexadecimal);
            case 'u':
                return IsNumber(rest[1..]);
            case 'p':
                int dash = rest.IndexOf("-i", StringComparison.Ordinal);
                return dash > 0 && IsNumber(rest[1..dash]) && IsNumber(rest[(dash + 2)..]);
            default:
                return IsNumber(rest);
        }
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
}
