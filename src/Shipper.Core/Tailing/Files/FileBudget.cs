using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>The descriptors that log files may use, shared by all lanes. In a shortage each lane is entitled to an equal share.</summary>
/// <remarks>Thread-safe, and so is each <see cref="Share"/>.</remarks>
/// <param name="limit">Maximum number of open log files, in addition to what <see cref="OpenFileLimit"/> reserves for everything else.</param>
internal sealed class FileBudget(int limit = int.MaxValue)
{
    private readonly int _limit = limit;
    private readonly Lock _lock = new();
    private readonly List<Share> _shares = [];

    // Number of files that were open when the last file was refused.
    private int _capacity = limit;
    private volatile bool _isShort;
    private bool _wasShort;

    /// <summary>Adds a lane.</summary>
    public Share Join()
    {
        lock (_lock)
        {
            var share = new Share(this);
            _shares.Add(share);
            return share;
        }
    }

    /// <summary>One lane's part of the budget.</summary>
    internal sealed class Share(FileBudget budget)
    {
        private int _open;
        private int _waiting;

        /// <summary>True while a stream of any lane waits for a descriptor.</summary>
        public bool IsShort => budget._isShort;

        /// <summary>
        /// Number of files that the lane has open beyond its share; negative if it may open more. Only relevant while another lane waits.
        /// </summary>
        public int Excess
        {
            get
            {
                lock (budget._lock)
                {
                    return budget._shares.Exists(share => share != this && share._waiting > 0)
                        ? _open - Math.Max(1, budget._capacity / budget._shares.Count)
                        : int.MinValue;
                }
            }
        }

        /// <summary>Checks whether a file that has just been opened may stay open.</summary>
        public bool TryKeep(SafeFileHandle handle)
        {
            lock (budget._lock)
            {
                int open = 0;
                budget._shares.ForEach(share => open += share._open);
                if (open >= budget._limit || OpenFileLimit.IsReserved(handle))
                {
                    budget._capacity = open;
                    return false;
                }

                _open++;
                return true;
            }
        }

        /// <summary>
        /// Keeps a file open that has just been opened, if there is a descriptor for it. Otherwise parks it, and its stream waits for its turn.
        /// </summary>
        public void KeepOrPark(TailedStream stream, Generation generation)
        {
            stream.HasFileChanges = true;
            if (!TryKeep(generation.Handle!) && generation.CanPark)
            {
                generation.Park();
            }
        }

        /// <summary>Records how many files the lane has open and how many of its streams wait.</summary>
        /// <param name="open">Number of open files.</param>
        /// <param name="waiting">Number of streams that wait for a descriptor.</param>
        /// <returns>True if this is the first shortage since the agent started.</returns>
        public bool Report(int open, int waiting)
        {
            lock (budget._lock)
            {
                _open = open;
                _waiting = waiting;
                budget._isShort = budget._shares.Exists(share => share._waiting > 0);
                bool isFirst = budget._isShort && !budget._wasShort;
                budget._wasShort |= budget._isShort;
                return isFirst;
            }
        }
    }
}
