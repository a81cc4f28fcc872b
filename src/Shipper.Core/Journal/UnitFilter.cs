using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// <c>units</c> and <c>exclude</c> of the configuration: globs with <c>*</c> and <c>?</c>, for the full name of a unit or the
/// label value that becomes of it, so that <c>getty@tty1.service</c>, <c>getty@*</c> and <c>scope</c> all say what they seem to.
/// As for <c>journalctl -u</c>, <c>kubelet</c> is <c>kubelet.service</c>. Names of units may contain backslashes (<c>systemd-fsck@dev-disk-by\x2duuid</c>).
/// </summary>
internal sealed class UnitFilter(IEnumerable<string> include, IEnumerable<string> exclude)
{
    /// <summary>Source: systemd.unit(5).</summary>
    private static readonly string[] Types =
        [".service", ".socket", ".device", ".mount", ".automount", ".swap", ".target", ".path", ".timer", ".slice", ".scope"];

    private readonly NameGlob[] _include = [.. include.SelectMany(Spell).Select(pattern => new NameGlob(pattern))];
    private readonly NameGlob[] _exclude = [.. exclude.SelectMany(Spell).Select(pattern => new NameGlob(pattern))];

    public bool IsWanted(string fullName, string label) =>
        (_include.Length == 0 || IsMatch(_include, fullName, label)) && !IsMatch(_exclude, fullName, label);

    /// <summary>A pattern, and for a name without a type the service of that name.</summary>
    public static IEnumerable<string> Spell(string pattern) =>
        pattern.AsSpan().ContainsAny('*', '?') || Array.Exists(Types, type => pattern.EndsWith(type, StringComparison.Ordinal))
            ? [pattern]
            : [pattern, pattern + Types[0]];

    private static bool IsMatch(NameGlob[] globs, string fullName, string label) => Array.Exists(globs, glob => glob.IsMatch(fullName) || glob.IsMatch(label));
}
