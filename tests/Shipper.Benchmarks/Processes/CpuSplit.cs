using System.Globalization;

namespace Shipper.Benchmarks.Processes;

/// <summary>While it lasts the receiver leaves the first CPU to the agent.</summary>
internal sealed class CpuSplit : IDisposable
{
    private readonly ReceiverProcess _receiver;

    public CpuSplit(ReceiverProcess receiver)
    {
        if (Environment.ProcessorCount < 2)
        {
            throw new InvalidOperationException("One CPU for the agent and one for the receiver take two, and this machine has one. Leave one-cpu and backlog out (--only).");
        }

        _receiver = receiver;
        receiver.Pin(From(1));
    }

    /// <summary>What the shell does before it starts the agent.</summary>
    public static string Prefix => "taskset -p -c 0 $$; ";

    public void Dispose() => _receiver.Pin(From(0));

    private static string From(int first) => string.Create(CultureInfo.InvariantCulture, $"{first}-{Environment.ProcessorCount - 1}");
}
