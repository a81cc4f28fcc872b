using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// Decides which units are read, from <c>units</c> and <c>exclude</c> in the configuration: globs with <c>*</c> and <c>?</c> that match the full name of a
/// unit or its label, so that <c>getty@tty1.service</c>, <c>getty@*</c> and <c>scope</c> all work as expected. As in <c>journalctl -u</c>, <c>kubelet</c>
/// stands for <c>kubelet.service</c>. Unit names may contain backslashes (<c>systemd-fsck@dev-disk-by\x2duuid</c>), so a backslash is not an escape
/// character.
/// </summary>
internal sealed class UnitFilter(IEnumerable<string> include, IEnumerable<string> exclude)
{
    /// <summary>The types of units. Source: systemd.unit(5).</summary>
    private static readonly string[] Types =
        [".service", ".socket", ".device", ".mount", ".automount", ".swap", ".target", ".path", ".timer", ".slice", ".scope"];

    private readonly NameGlob[] _include = [.. include.SelectMany(ExpandName).Select(pattern => new NameGlob(pattern))];
    private readonly NameGlob[] _exclude = [.. exclude.SelectMany(ExpandName).Select(pattern => new NameGlob(pattern))];

    public bool IsWanted(string fullName, string label) =>
        (_include.Length == 0 || IsMatch(_include, fullName, label)) && !IsMatch(_exclude, fullName, label);

    /// <summary>Returns a pattern and, if it is a name without a type, also the name of the service.</summary>
    public static IEnumerable<string> ExpandName(string pattern) =>
        pattern.AsSpan().ContainsAny('*', '?') || Array.Exists(Types, type => pattern.EndsWith(type, StringComparison.Ordinal))
            ? [pattern]
            : [pattern, pattern + Types[0]];

    private static bool IsMatch(NameGlob[] globs, string fullName, string label) => Array.Exists(globs, glob => glob.IsMatch(fullName) || glob.IsMatch(label));
}
