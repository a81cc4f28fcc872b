using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The parts of a document that tests check: headings, code, links, images and tables.</summary>
internal sealed partial class MarkdownDocument
{
    private readonly List<(int Level, string Text)> _headings = [];
    private readonly List<CodeBlock> _code = [];
    private readonly List<string> _links = [];
    private readonly List<string> _images = [];
    private readonly List<string> _rows = [];

    private MarkdownDocument(string path, string text)
    {
        Path = path;
        Text = text;
        Read();
    }

    /// <summary>Path in the repository.</summary>
    public string Path { get; }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    public IReadOnlyList<(int Level, string Text)> Headings => _headings;

    public IReadOnlyList<CodeBlock> Code => _code;

    /// <summary>Targets of links and images, in order.</summary>
    public IReadOnlyList<string> Links => _links;

    /// <summary>Alternative texts of images, in order.</summary>
    public IReadOnlyList<string> Images => _images;

    /// <summary>Number of lines.</summary>
    public int LineCount => Text.TrimEnd('\n').Split('\n').Length;

    /// <summary>Rows of tables.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>Reads a document.</summary>
    /// <param name="path">Path in the repository.</param>
    public static MarkdownDocument Load(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(Repository.Root, path)));

    /// <summary>Returns the anchors of the headings, as GitHub generates them.</summary>
    public IReadOnlyList<string> Anchors()
    {
        var anchors = new List<string>();
        foreach ((_, string text) in _headings)
        {
            string anchor = NoAnchor().Replace(text.ToUpperInvariant(), "").Replace(' ', '-');
            int same = anchors.Count(other => other == anchor);
            anchors.Add(same == 0 ? anchor : $"{anchor}-{same}");
        }

        return anchors;
    }

    /// <summary>Returns the index of the heading that a link within the document leads to; -1 if there is none.</summary>
    public int HeadingOf(string anchor) => Anchors().ToList().IndexOf(Uri.UnescapeDataString(anchor).ToUpperInvariant());

    private void Read()
    {
        string? fence = null;
        string language = "";
        var code = new List<string>();
        foreach (string line in Text.Split('\n'))
        {
            if (Fence().Match(line) is { Success: true } found && (fence is null || (line.Trim() == fence)))
            {
                if (fence is null)
                {
                    (fence, language) = (found.Groups[1].Value, found.Groups[2].Value.Trim());
                }
                else
                {
                    _code.Add(new CodeBlock(language, string.Join('\n', code) + "\n"));
                    code.Clear();
                    fence = null;
                }

                continue;
            }

            if (fence is not null)
            {
                code.Add(line);
                continue;
            }

            if (Heading().Match(line) is { Success: true } heading)
            {
                _headings.Add((heading.Groups[1].Length, heading.Groups[2].Value));
            }

            if (line.StartsWith('|'))
            {
                _rows.Add(line);
            }

            _images.AddRange(Image().Matches(InlineCode().Replace(line, "")).Select(image => image.Groups[1].Value));
            _links.AddRange(Link().Matches(InlineCode().Replace(line, "")).Select(link => link.Groups[1].Value));
        }

        Assert.True(fence is null, $"{Path} has a code block that does not end.");
    }

    [GeneratedRegex("^ *(```+)([^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^(#+) (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"!\[([^\]]*)\]\(")]
    private static partial Regex Image();

    [GeneratedRegex("(?<!\\[)`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NoAnchor();
}
