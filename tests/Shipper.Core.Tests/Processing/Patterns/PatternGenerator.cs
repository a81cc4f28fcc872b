namespace Shipper.Core.Tests.Processing.Patterns;

/// <summary>Generates small regexes and texts; the same ones for a seed.</summary>
internal sealed class PatternGenerator(uint seed)
{
    private static readonly string[] Units = ["a", "b", "c", ".", "[ab]", "[^a]", @"\w", @"\s", @"\d", "[a-c-[b]]", "é", @"\.", "(?i:k)", "(?s:.)"];
    private static readonly string[] Places = ["^", "$", @"\b", @"\B", @"\z", @"\Z", @"\A", "(?m:^)", "(?m:$)"];
    private static readonly string[] Counts = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?", "??", "{1,3}?"];
    private static readonly string[] Alphabets = ["ab", "abc \n", "aAbkK\u212Aé1.\n "];

    private const int MaxTextChars = 14;
    private const int MaxDepth = 2;

    private uint _state = seed;

    public string NextPattern() => Sequence(0);

    public string NextText()
    {
        string alphabet = Next(Alphabets);
        return string.Concat(Enumerable.Range(0, Next(MaxTextChars)).Select(_ => alphabet[Next(alphabet.Length)]));
    }

    private string Sequence(int depth) => string.Concat(Enumerable.Range(0, 1 + Next(3)).Select(_ => Item(depth)));

    private string Item(int depth)
    {
        const int Kinds = 10;
        return Next(Kinds) switch
        {
            0 => Next(Places),
            <= 3 => Next(Units),
            <= 5 => Next(Units) + Next(Counts),
            <= 7 when depth < MaxDepth => $"(?:{Sequence(depth + 1)}|{Sequence(depth + 1)})",

            // What is repeated has at least one unit.
            _ when depth < MaxDepth => $"({Next(Units)}{Sequence(depth + 1)}|{Next(Units)}){Next(Counts)}",
            _ => Next(Units),
        };
    }

    private string Next(string[] choices) => choices[Next(choices.Length)];

    private int Next(int count)
    {
        _state = (_state * 1664525) + 1013904223;
        return (int)((_state >> 8) % (uint)count);
    }
}
