using System.Diagnostics;
using System.IO.Compression;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>
/// Feeds a target with its corpus, its seeds and mutations of both. There is no coverage measurement: an input is mutated further if its target reports a new
/// outcome for it.
/// </summary>
/// <remarks>One thread runs it; other threads may read its state.</remarks>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>Number of inputs that are kept for further mutation.</summary>
    private const int MaxPool = 4096;

    /// <summary>Longer inputs are not saved in the corpus.</summary>
    private const int MaxKeptBytes = 2 * 1024;

    /// <summary>Longer inputs are printed compressed.</summary>
    private const int MaxPlainBytes = 1024;

    /// <summary>A run continues after a failure, until it has found this many different ones.</summary>
    private const int MaxFindings = 8;

    private static readonly TimeSpan MaxShrinking = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _pool = [];
    private readonly List<byte[]> _interesting = [];
    private readonly Dictionary<string, string> _findings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private byte[] _input = [];
    private long _started = long.MaxValue;

    /// <summary>Number of inputs so far.</summary>
    public long Count { get; private set; }

    /// <summary>Number of different outcomes so far.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>True if the current input takes longer than the target allows.</summary>
    public bool IsStuck => Volatile.Read(ref _started) is var started && started != long.MaxValue && Stopwatch.GetElapsedTime(started) > target.MaxDuration;

    /// <summary>Runs for the given time.</summary>
    /// <exception cref="FuzzException">A check failed.</exception>
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
            Feed(mutator.Mutate(PickInput(), PickInput()), $"input {Count}");
        }

        foreach (byte[] input in _interesting.Where(input => input.Length <= MaxKeptBytes).OrderBy(_ => _random.Next()).Take(FuzzOptions.KeepCount))
        {
            Corpus.Add(target.Name, input);
        }

        if (_findings.Count > 0)
        {
            throw new FuzzException($"{_findings.Count} findings in {Count} inputs\n\n{string.Join("\n\n", _findings.Values)}");
        }
    }

    /// <summary>Describes the failure of the current input, and how to repeat it.</summary>
    public string Explain(string problem, string origin = "the present input") => Explain(problem, origin, _input);

    private string Explain(string problem, string origin, byte[] input)
    {
        bool isPlain = input.Length <= MaxPlainBytes;
        return $"""
            {target.Name}, seed {seed}, {origin} of {_input.Length} bytes: {problem}
            To add it to the corpus, which every run tests, shrunk to {input.Length} bytes:
            echo {Convert.ToBase64String(isPlain ? input : Compress(input))} | base64 -d {(isPlain ? "" : "| gunzip ")}> tests/Shipper.Core.Tests/Fuzzing/Corpus/{target.Name}/{Corpus.NameOf(input)}
            """;
    }

    private byte[] PickInput() => _pool.Count == 0 ? [] : _pool[_random.Next(_pool.Count)];

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
#pragma warning disable CA1031 // Any exception is a finding.
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
            _findings.TryAdd("time", Explain($"the check took {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s", origin));
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

    /// <summary>Removes everything from a failing input that the failure does not need.</summary>
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

    /// <summary>Identifies a failure: the type of the exception, and the topmost stack frames of this project.</summary>
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
