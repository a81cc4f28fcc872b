namespace Shipper.Benchmarks.Input;

/// <summary>Writes logs before an agent starts.</summary>
internal static class InputWriter
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes lines with timestamps up to the current time.</summary>
    /// <param name="root">An empty directory.</param>
    /// <param name="files">Number of containers, each with the same number of lines.</param>
    /// <param name="lines">Number of lines in all files together.</param>
    /// <param name="span">The time that the lines span. Loki refuses lines older than a week, and an agent may query Loki for the last hours.</param>
    /// <param name="generations">Number of files of each container. All but the last are rotated.</param>
    /// <param name="create">Creates the generator of a file; null for <see cref="LineWriter"/>.</param>
    public static WrittenInput Write(string root, int files, long lines, TimeSpan span, int generations = 1, Func<int, LineGenerator>? create = null)
    {
        create ??= file => new LineWriter(file);
        var logs = new LogDirectory(root, files);
        var counts = new long[files];
        DateTimeOffset end = TimeProvider.System.GetUtcNow();
        long bytes = 0;
        long droppable = 0;
        byte[] buffer = new byte[BufferBytes];
        for (int file = 0; file < files; file++)
        {
            long total = (lines / files) + (file < lines % files ? 1 : 0);
            long written = 0;
            LineGenerator writer = create(file);
            for (int generation = 1; generation <= generations; generation++)
            {
                long until = total * generation / generations;
                string path = generation == generations ? logs.PathOf(file) : logs.RotatedPathOf(file, end - (span * (generations - generation) / generations));
                using FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
                int length = 0;
                for (; written < until; written++)
                {
                    if (length > buffer.Length - LineGenerator.MaxLineBytes)
                    {
                        stream.Write(buffer, 0, length);
                        length = 0;
                    }

                    TimeSpan age = span * ((double)(total - written) / total);
                    length += writer.Write(buffer.AsSpan(length), (end - age).UtcDateTime, writtenUs: 0);
                }

                stream.Write(buffer, 0, length);

                // Flush now, or the kernel writes the file to the disk during the measurement.
                stream.Flush(flushToDisk: true);
                bytes += stream.Length;
            }

            counts[file] = writer.Count;
            droppable += writer.DroppableCount;
        }

        return new WrittenInput(logs, counts, bytes) { DroppableLines = droppable };
    }
}
