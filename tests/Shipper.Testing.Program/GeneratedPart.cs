namespace Shipper.Testing.Program;

/// <summary>A part of a document, between two comments, that a test makes.</summary>
internal static class GeneratedPart
{
    /// <summary>Compares it with what it should be, or writes it where files are to be written anew.</summary>
    /// <param name="path">The document, in the repository.</param>
    /// <param name="begin">The comment before it, a line.</param>
    /// <param name="end">The comment behind it.</param>
    /// <param name="expected">What is to stand between them.</param>
    public static async Task CheckAsync(string path, string begin, string end, string expected)
    {
        string file = Path.Combine(Repository.Root, path);
        string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        string whole = text[..(text.IndexOf(begin, StringComparison.Ordinal) + begin.Length)] + expected + text[text.IndexOf(end, StringComparison.Ordinal)..];
        if (ChartFiles.IsUpdating)
        {
            await File.WriteAllTextAsync(file, whole, TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.True(text == whole, $"What stands in {path} behind {begin.Trim()} is not what it is made of. Run this test again with {ChartFiles.UpdateVariable}=1, and look at what changed.");
        }
    }
}
