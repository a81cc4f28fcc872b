namespace Shipper.Documents.Tests;

/// <summary>Code in a document.</summary>
/// <param name="Language">What it is, as in yaml.</param>
/// <param name="Text">Its lines.</param>
internal sealed record CodeBlock(string Language, string Text)
{
    /// <summary>The first line without the mark of a comment: the file that it is of.</summary>
    public string File => Text.Split('\n')[0].TrimStart('#', ' ');
}
