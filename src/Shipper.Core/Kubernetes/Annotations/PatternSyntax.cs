using System.Text.RegularExpressions;
using Shipper.Processing.Patterns;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Checks regexes from annotations, and translates those that were written for Go.</summary>
internal static partial class PatternSyntax
{
    /// <summary>Maximum length of a regex in chars.</summary>
    public const int MaxChars = 1024;

    /// <summary>Maximum number of regexes in one annotation.</summary>
    public const int MaxCount = 10;

    /// <summary>Maximum number of regexes of one pod or namespace. Compiling one takes up to some tens of milliseconds.</summary>
    public const int MaxOfObject = 20;

    /// <summary>Checks a .NET regex.</summary>
    /// <param name="findsAll">True if all matches are wanted; false to test whether there is one.</param>
    /// <returns>What is wrong with it; null if it is valid.</returns>
    public static string? FindProblem(string pattern, bool findsAll = false)
    {
        if (pattern.Length is 0 or > MaxChars)
        {
            return $"must be a regex of 1 to {MaxChars} characters";
        }

        // .NET reads [[:space:]] as a set of letters that is followed by a bracket, which is never meant.
        if (PosixClass().IsMatch(pattern))
        {
            return "has a class such as [:space:], which .NET does not have; use \\s";
        }

        try
        {
            _ = new Regex(pattern, TextPattern.Options);
            return PodPatterns.OfNode.Admit(pattern, findsAll) switch
            {
                PodPatterns.Problem.IsTooLarge =>
                    $"is too large: its automaton has more than {BoundedPattern.MaxBytes / 1024} KiB. Write + or * instead of counts, lower them, "
                    + "or begin with ^",
                PodPatterns.Problem.HasNoRoom =>
                    $"has no room: the regexes of the pods of this node have {PodPatterns.MaxNodeBytes / 1024 / 1024} MiB already",
                _ => null,
            };
        }
        catch (RegexParseException e)
        {
            return $"is not a valid regex: {TextPattern.Describe(e)}";
        }
        catch (NotSupportedException)
        {
            return "uses lookarounds, backreferences or atomic groups, which a regex without backtracking does not have, or repeats too much";
        }
    }

    /// <summary>
    /// Translates a regex of Go (https://pkg.go.dev/regexp/syntax) to .NET: POSIX classes and named groups. Other parts of Go's syntax that .NET lacks make
    /// the regex invalid in .NET.
    /// </summary>
    public static string FromGo(string pattern) =>
        PosixClass().Replace(pattern, match => (match.Groups["not"].Length > 0, match.Groups["name"].Value) switch
        {
            (false, "alnum") => "A-Za-z0-9",
            (false, "alpha") => "A-Za-z",
            (false, "blank") => "\\t ",
            (false, "cntrl") => "\\x00-\\x1F\\x7F",
            (false, "digit") => "0-9",
            (true, "digit") => "\\D",
            (false, "graph") => "!-~",
            (false, "lower") => "a-z",
            (false, "print") => " -~",
            (false, "punct") => "!-/:-@\\[-`{-~",
            (false, "space") => "\\s",
            (true, "space") => "\\S",
            (false, "upper") => "A-Z",
            (false, "word") => "\\w",
            (true, "word") => "\\W",
            (false, "xdigit") => "0-9A-Fa-f",
            _ => match.Value,
        }).Replace("(?P<", "(?<", StringComparison.Ordinal);

    [GeneratedRegex(@"\[:(?<not>\^?)(?<name>[a-z]+):\]", RegexOptions.ExplicitCapture)]
    private static partial Regex PosixClass();
}
