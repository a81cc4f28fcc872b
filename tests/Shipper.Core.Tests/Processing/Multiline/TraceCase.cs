using System.Runtime.CompilerServices;

namespace Shipper.Core.Tests.Processing.Multiline;

/// <summary>
/// Lines of a log and the records that they make, from a file of <c>Cases</c>. <c>=== name</c> begins a case, <c>&gt; </c> the first line of a record, and
/// <c>| </c> another line of it. ␛, ␍ and, at the end of a line, ␠ stand for an escape character, a carriage return and a space.
/// </summary>
/// <param name="Language">The name of the file.</param>
/// <param name="Records">The records, each with its lines.</param>
internal sealed record TraceCase(string Language, string Name, List<string> Records)
{
    /// <summary>All cases.</summary>
    public static IReadOnlyList<TraceCase> All { get; } = [.. Directory.EnumerateFiles(Folder()).Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <summary>The lines.</summary>
    public string Text => string.Join('\n', Records);

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Cases");

    private static IEnumerable<TraceCase> Read(string file)
    {
        TraceCase? current = null;
        foreach (string line in File.ReadLines(file).Select(line => line.Replace('␛', '\e').Replace('␍', '\r').Replace('␠', ' ')))
        {
            if (line.StartsWith("=== ", StringComparison.Ordinal))
            {
                if (current is not null)
                {
                    yield return current;
                }

                current = new TraceCase(Path.GetFileNameWithoutExtension(file), line[4..], []);
            }
            else if (line.StartsWith('>'))
            {
                current!.Records.Add(line.Length > 1 ? line[2..] : "");
            }
            else if (line.StartsWith('|'))
            {
                current!.Records[^1] += "\n" + (line.Length > 1 ? line[2..] : "");
            }
        }

        yield return current!;
    }
}
