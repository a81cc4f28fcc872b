namespace Shipper.Core.Tests.Processing.Patterns;

/// <summary>Regexes with which somebody may try to make the agent use much memory or time. On .NET's engine, the worst take gigabytes for one line.</summary>
internal static class HostilePatterns
{
    public static readonly string[] All =
    [
        "a[ab]{12}c", "a[ab]{24}c", "a[ab]{500}c", "x.{256}y", "(a|aa|aaa|aaaa|aaaaa){1,150}x", "(?:.{0,16}foo){4}x", "(?:.{0,64}foo){4}x", "(?:[ab]{0,30}a){3}c",
        "(?:[ab]{0,9}a){30}c", "(.*a){64}c", "(?:.{3}a){64}c", "(?:a.?b?){64}c", "((a|b){0,20}(c|d){0,20}){0,20}x", @"(?i)k\w{256}z", "(?:a?){256}a{256}c",
        @"(?:(?:(?:c)?(?:[ab]){0,3}){8}){0,3}x", "(?:.(?:[ab]|[^a].)(?:c|.))*x", @"(?:\b.?\w*){16}a.{3}z", ".{0,100}a.{0,100}x", "((((((a?){9}b?){9}c?){9}d?){9}e?){9}f?){9}x",
        "(?:" + string.Concat(Enumerable.Range(0, 50).Select(i => $"[{(char)(0x100 + (i * 37))}-{(char)(0x300 + (i * 37))}]?")) + "){2}x",
        "(?:(?:){9999999}){9999999}a", "(?:(?:|){99999}){99999}", "(?:(?:a?){99999}){99999}b",
        string.Join('|', Enumerable.Range(0, 26).Select(i => $"{(char)('a' + i)}.{{5}}{(char)('z' - i)}")),
    ];

    /// <summary>Names for test results.</summary>
    public static TheoryData<int> Indexes { get; } = [.. Enumerable.Range(0, All.Length)];
}
