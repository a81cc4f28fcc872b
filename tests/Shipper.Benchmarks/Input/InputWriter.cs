namespace Shipper.Benchmarks.Input;

/// <summary>Writes logs that are there before an agent starts.</summary>
internal static class InputWriter
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes lines of the time before now.</summary>
    /// <param name="root">An empty directory.</param>
    /// <param name="files">Containers; each gets as many lines.</param>
    /// <param name="lines">Lines of all together.</param>
    /// <param name="span">The time that they are spread over: Loki refuses what is older than a week, and an agent may ask it for what it has of the last hours.</param>
    /// <param name="generations">Files of each container; all but the last were rotated.</param>
    public static WrittenInput Write(string root, int files, long lines, TimeSpan span, int generations = 1)
    {
        var logs = new LogDirectory(root, files);
        var counts = new long[files];
        DateTimeOffset end = TimeProvider.System.GetUtcNow();
        long bytes = 0;
        byte[] buffer = new byte[BufferBytes];
        for (int file = 0; file < files; file++)
        {
            counts[file] = (lines / files) + (file < lines % files ? 1 : 0);
            var writer = new LineWriter(file);
            for (int generation = 1; generation <= generations; generation++)
            {
                long until = counts[file] * generation / generations;
                string path = generation == generations ? logs.PathOf(file) : logs.RotatedPathOf(file, end - (span * (generations - generation) / generations));
                using FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
                int length = 0;
                while (writer.Count < until)
                {
                    if (length > buffer.Length - LineWriter.MaxLineBytes)
                    {
                        stream.Write(buffer, 0, length);
                        length = 0;
                    }

                    TimeSpan age = span * ((double)(counts[file] - writer.Count) / counts[file]);
                    length += writer.Write(buffer.AsSpan(length), (end - age).UtcDateTime, writtenUs: 0);
                }

                stream.Write(buffer, 0, length);

                // Else the kernel writes it to the disk while an agent is measured.
                stream.Flush(flushToDisk: true);
                bytes += stream.Length;
            }
        }

        return new WrittenInput(logs, counts, bytes);
    }
}
