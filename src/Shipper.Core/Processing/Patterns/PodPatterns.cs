using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Shipper.Processing.Patterns;

/// <summary>
/// The compiled regexes of all pods of the node. Equal regexes are the same object. Those that no stream uses any more stay until there is no room for a
/// new one. Thread-safe.
/// </summary>
/// <param name="maxBytes">Maximum size of all regexes in bytes. Beyond it, no annotation with another regex is obeyed.</param>
internal sealed class PodPatterns(int maxBytes)
{
    /// <summary>Maximum size of the regexes of one node in bytes.</summary>
    public const int MaxNodeBytes = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Pattern, bool FindsAll), Entry> _known = [];
    private long _bytes;

    /// <summary>What is wrong with a regex.</summary>
    public enum Problem
    {
        None,

        /// <summary>Its automaton would be larger than <see cref="BoundedPattern.MaxBytes"/>.</summary>
        IsTooLarge,

        /// <summary>The regexes of the node's pods have their maximum size already.</summary>
        HasNoRoom,
    }

    /// <summary>The regexes of this agent's node.</summary>
    public static PodPatterns OfNode { get; } = new(MaxNodeBytes);

    /// <summary>Size of all regexes in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Returns whether a pod may have a regex, and compiles it.</summary>
    /// <param name="pattern">A regex that .NET can match without backtracking.</param>
    /// <param name="findsAll">True to find all matches; otherwise, to test whether there is one.</param>
    public Problem Admit(string pattern, bool findsAll)
    {
        lock (_lock)
        {
            if (TryGet(pattern, findsAll, out _))
            {
                return Problem.None;
            }

            if (BoundedPattern.Create(pattern, findsAll) is not { } created)
            {
                return Problem.IsTooLarge;
            }

            if (_bytes + created.Bytes > maxBytes)
            {
                ForgetUnused();
            }

            if (_bytes + created.Bytes > maxBytes)
            {
                return Problem.HasNoRoom;
            }

            Add(pattern, findsAll, created);
            return Problem.None;
        }
    }

    /// <summary>Returns a regex that was admitted, now or by the agent that wrote a checkpoint.</summary>
    /// <returns>Null if its automaton is too large.</returns>
    /// <exception cref="ArgumentException">The pattern is not a regex.</exception>
    /// <exception cref="NotSupportedException">The pattern needs backtracking.</exception>
    public BoundedPattern? Get(string pattern, bool findsAll)
    {
        lock (_lock)
        {
            if (TryGet(pattern, findsAll, out BoundedPattern? known))
            {
                return known;
            }

            _ = new Regex(pattern, TextPattern.Options);
            BoundedPattern? created = BoundedPattern.Create(pattern, findsAll);
            if (created is not null)
            {
                Add(pattern, findsAll, created);
            }

            return created;
        }
    }

    private bool TryGet(string pattern, bool findsAll, [NotNullWhen(true)] out BoundedPattern? found)
    {
        found = null;
        return _known.TryGetValue((pattern, findsAll), out Entry? entry) && entry.Used.TryGetTarget(out found);
    }

    private void Add(string pattern, bool findsAll, BoundedPattern added)
    {
        _known[(pattern, findsAll)] = new Entry(added);
        _bytes += added.Bytes;
    }

    /// <summary>Forgets the regexes that only this table refers to.</summary>
    private void ForgetUnused()
    {
        foreach (Entry entry in _known.Values)
        {
            entry.Kept = null;
        }

        // Rare: only when there is no room, and then the memory is wanted.
        GC.Collect();
        foreach (((string, bool) key, Entry entry) in _known)
        {
            if (entry.Used.TryGetTarget(out BoundedPattern? used))
            {
                entry.Kept = used;
            }
            else
            {
                _bytes -= entry.Bytes;
                _known.Remove(key);
            }
        }
    }

    private sealed class Entry(BoundedPattern pattern)
    {
        public int Bytes { get; } = pattern.Bytes;

        public WeakReference<BoundedPattern> Used { get; } = new(pattern);

        /// <summary>Keeps a regex between the reading of an annotation and the use for a stream.</summary>
        public BoundedPattern? Kept { get; set; } = pattern;
    }
}
