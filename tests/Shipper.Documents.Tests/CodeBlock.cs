namespace Shipper.Documents.Tests;

/// <summary>A code block of a document.</summary>
/// <param name="Language">Its language, such as yaml.</param>
internal sealed record CodeBlock(string Language, string Text)
{
    /// <summary>The first line without its comment mark: the name of the file that the code belongs to.</summary>
    public string File => Text.Split('\n')[0].TrimStart('#', ' ');
}
