namespace Shipper.Testing.Program;

/// <summary>A part of a document, between two comments, that a test generates.</summary>
internal static class GeneratedPart
{
    /// <summary>Compares the part with the expected text, or writes it if generated files are to be written.</summary>
    /// <param name="path">Path of the document in the repository.</param>
    /// <param name="begin">The comment line before the part.</param>
    /// <param name="end">The comment after the part.</param>
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
            Assert.True(text == whole, $"The part of {path} after {begin.Trim()} is out of date. Run this test again with {ChartFiles.UpdateVariable}=1, and review the changes.");
        }
    }
}
