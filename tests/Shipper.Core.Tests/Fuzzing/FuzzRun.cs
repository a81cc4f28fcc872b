using System.Diagnostics;
using System.IO.Compression;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>
/// Feeds a target with its corpus, its seeds and what mutation makes of them. There is no coverage: an input is worth
/// mutating on where its target says that something new came of it.
/// </summary>
/// <remarks>One thread runs it; what it is doing may be asked from another.</remarks>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>So many inputs are mutated on.</summary>
    private const int MaxPool = 4096;

    /// <summary>Longer inputs are no files of the corpus.</summary>
    private const int MaxKeptBytes = 2 * 1024;

    /// <summary>Longer ones are shown compressed.</summary>
    private const int MaxPlainBytes = 1024;

    /// <summary>A run goes on behind what it found, up to so many different things.</summary>
    private const int MaxFindings = 8;

    private static readonly TimeSpan MaxShrinking = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _pool = [];
    private readonly List<byte[]> _interesting = [];
    private readonly Dictionary<string, string> _findings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private byte[] _input = [];
    private long _started = long.MaxValue;

    /// <summary>Inputs so far.</summary>
    public long Count { get; private set; }

    /// <summary>Different things that came of them.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>True where the present input takes longer than any may.</summary>
    public bool IsStuck => Volatile.Read(ref _started) is var started && started != long.MaxValue && Stopwatch.GetElapsedTime(started) > target.MaxDuration;

    /// <summary>Runs until the time is over.</summary>
    /// <exception cref="FuzzException">There are inputs for which something does not hold.</exception>
    public void Execute(TimeSpan duration, CancellationToken stopping)
    {
        foreach (string file in Corpus.Files(target.Name))
        {
            Feed(File.ReadAllBytes(file), Path.GetFileName(file));
        }

        _interesting.Clear();
        foreach (byte[] input in target.Seeds)
        {
            Assert.True(input.Length <= target.MaxBytes, $"a seed of {target.Name} has {input.Length} bytes");
            Feed(input, "a seed");
            _pool.Add(input);
        }

        var mutator = new Mutator(_random, target.Words, target.MaxBytes);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration && _findings.Count < MaxFindings && !stopping.IsCancellationRequested)
        {
            Feed(mutator.Mutate(Choose(), Choose()), $"input {Count}");
        }

        foreach (byte[] input in _interesting.Where(input => input.Length <= MaxKeptBytes).OrderBy(_ => _random.Next()).Take(FuzzOptions.Keeps))
        {
            Corpus.Add(target.Name, input);
        }

        if (_findings.Count > 0)
        {
            throw new FuzzException($"{_findings.Count} findings in {Count} inputs\n\n{string.Join("\n\n", _findings.Values)}");
        }
    }

    /// <summary>Says what is wrong with the present input, and how to try it again.</summary>
    public string Explain(string problem, string origin = "the present input") => Explain(problem, origin, _input);

    private string Explain(string problem, string origin, byte[] input)
    {
        bool isPlain = input.Length <= MaxPlainBytes;
        return $"""
            {target.Name}, seed {seed}, {origin} of {_input.Length} bytes: {problem}
            To keep it, made smaller to {input.Length} bytes, as a file of the corpus, which is run each time:
            echo {Convert.ToBase64String(isPlain ? input : Compress(input))} | base64 -d {(isPlain ? "" : "| gunzip ")}> tests/Shipper.Core.Tests/Fuzzing/Corpus/{target.Name}/{Corpus.NameOf(input)}
            """;
    }

    private byte[] Choose() => _pool.Count == 0 ? [] : _pool[_random.Next(_pool.Count)];

    private void Feed(byte[] input, string origin)
    {
        _input = input;
        Count++;
        string outcome;
        long started = Stopwatch.GetTimestamp();
        Volatile.Write(ref _started, started);
        try
        {
            outcome = target.Check(input);
        }
#pragma warning disable CA1031 // Whatever it is, it is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            string place = PlaceOf(e);
            if (!_findings.ContainsKey(place))
            {
                _findings[place] = Explain(e.ToString(), origin, Shrink(input, place));
            }

            return;
        }
        finally
        {
            Volatile.Write(ref _started, long.MaxValue);
        }

        if (Stopwatch.GetElapsedTime(started) > target.MaxDuration)
        {
            _findings.TryAdd("time", Explain($"it took {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s", origin));
        }

        if (_outcomes.Add(outcome))
        {
            _interesting.Add(input);
            if (_pool.Count < MaxPool)
            {
                _pool.Add(input);
            }
            else
            {
                _pool[_random.Next(MaxPool)] = input;
            }
        }
    }

    /// <summary>Leaves out of a failing input what it fails without.</summary>
    private byte[] Shrink(byte[] input, string place)
    {
        long start = Stopwatch.GetTimestamp();
        for (int length = Math.Max(1, input.Length / 2); ; length /= 2)
        {
            for (int at = 0; at < input.Length;)
            {
                if (Stopwatch.GetElapsedTime(start) > MaxShrinking)
                {
                    return input;
                }

                byte[] shorter = [.. input[..at], .. input[Math.Min(at + length, input.Length)..]];
                if (Fails(shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += length;
                }
            }

            if (length <= 1)
            {
                return input;
            }
        }

        bool Fails(byte[] shorter)
        {
            try
            {
                Volatile.Write(ref _started, Stopwatch.GetTimestamp());
                _ = target.Check(shorter);
                return false;
            }
#pragma warning disable CA1031 // As above.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return PlaceOf(e) == place;
            }
        }
    }

    /// <summary>What tells findings apart: the kind of exception, and the first lines of ours that it went through.</summary>
    private static string PlaceOf(Exception exception) =>
        exception.GetType() + string.Join('\n', (exception.StackTrace ?? "").Split('\n').Where(line => line.Contains(" Shipper.", StringComparison.Ordinal)).Take(2));

    private static byte[] Compress(byte[] input)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(input);
        }

        return compressed.ToArray();
    }
}
