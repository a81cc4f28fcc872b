using System.Globalization;

namespace Shipper.Benchmarks.Processes;

/// <summary>Reserves the first CPU for the agent until it is disposed: the receiver runs on the others.</summary>
internal sealed class CpuSplit : IDisposable
{
    private readonly ReceiverProcess _receiver;

    public CpuSplit(ReceiverProcess receiver)
    {
        if (Environment.ProcessorCount < 2)
        {
            throw new InvalidOperationException("The agent and the receiver need one CPU each, but this machine has only one. Leave out one-cpu and backlog (--only).");
        }

        _receiver = receiver;
        receiver.Pin(From(1));
    }

    /// <summary>The shell command that pins the agent, run before the agent starts.</summary>
    public static string Prefix => "taskset -p -c 0 $$; ";

    public void Dispose() => _receiver.Pin(From(0));

    private static string From(int first) => string.Create(CultureInfo.InvariantCulture, $"{first}-{Environment.ProcessorCount - 1}");
}
