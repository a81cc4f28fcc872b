using System.Globalization;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>What a container prints if its lines are processed: lines that rules apply to, and stack traces.</summary>
internal sealed partial class ModelContainer
{
    private static readonly string[] Levels = ["", "", "INFO ", "WARN ", "ERROR "];

    // Number of lines that the trace of each output still has.
    private readonly int[] _traceLines = new int[2];
    private readonly string[] _heads = ["", ""];

    /// <summary>True if the container prints stack traces, and lines that rules apply to.</summary>
    public bool IsProcessed { get; init; }

    /// <summary>The output of each line of <see cref="Expected"/>.</summary>
    public List<int> ExpectedOutputs { get; } = [];

    /// <summary>The first line of each trace, by the ids of the other lines.</summary>
    public Dictionary<string, string> Heads { get; } = new(StringComparer.Ordinal);

    /// <summary>Traces that were printed in one go: nothing but time zero is between their lines.</summary>
    public List<List<string>> WholeTraces { get; } = [];

    private void PrintProcessed()
    {
        int lines = _random.Next(1, 8);
        for (int i = 0; i < lines; i++)
        {
            int output = _random.Next(4) == 0 ? 1 : 0;
            if (_open[output] is not null)
            {
                ContinueLine(output);
            }
            else if (_traceLines[output] > 0 && _random.Next(5) > 0)
            {
                PrintFrame(output, mayBePartial: true);
            }
            else if (_random.Next(4) == 0)
            {
                PrintTrace(output);
            }
            else
            {
                PrintOrdinary(output);
            }
        }
    }

    private void ContinueLine(int output)
    {
        if (_random.Next(3) == 0)
        {
            Part(output, "+" + Text() + new string('m', _random.Next(3_000)));
        }
        else
        {
            Full(output, "/end " + Text());
        }
    }

    private void PrintOrdinary(int output)
    {
        EndTrace(output);
        string text = Levels[_random.Next(Levels.Length)] + Text() + ModelRules.RandomMarker(_random);
        if (_random.Next(12) == 0)
        {
            Part(output, text);
        }
        else
        {
            Full(output, text + (_random.Next(20) == 0 ? new string('x', _random.Next(20_000)) : ""));
        }
    }

    /// <summary>Prints a trace, or its beginning: the other lines follow later, or never.</summary>
    private void PrintTrace(int output)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"java.lang.IllegalStateException: {Text()}{ModelRules.RandomMarker(_random)}");
        _heads[output] = head;
        Full(output, head);
        _traceLines[output] = _random.Next(1, 8);
        var trace = new List<string> { head };
        bool isWhole = _random.Next(2) == 0;
        do
        {
            trace.Add(PrintFrame(output, mayBePartial: false));
            int other = output ^ 1;
            if (_random.Next(4) == 0 && _open[other] is null)
            {
                PrintOrdinary(other);
                if (_open[other] is not null)
                {
                    Full(other, "/end " + Text());
                }
            }
        }
        while (isWhole && _traceLines[output] > 0);
        if (isWhole)
        {
            WholeTraces.Add(trace);
        }
    }

    private string PrintFrame(int output, bool mayBePartial)
    {
        _traceLines[output]--;
        if (_random.Next(6) == 0)
        {
            string cause = "Caused by: java.io.IOException: " + Text();
            Heads[ModelAudit.IdOf(cause)!] = _heads[output];
            Full(output, cause);
        }

        string frame = string.Create(CultureInfo.InvariantCulture, $"\tat com.example.Shop.order(Shop.java:{_sequence}) {Text()}");
        Heads[ModelAudit.IdOf(frame)!] = _heads[output];
        if (mayBePartial && _random.Next(8) == 0)
        {
            Part(output, frame);
            return frame;
        }

        frame += _random.Next(40) == 0 ? new string('f', _random.Next(20_000)) : "";
        Full(output, frame);
        return frame;
    }

    private void EndTrace(int output) => _traceLines[output] = 0;
}
