using System.Text;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Processing.Multiline;

/// <summary>
/// Joins lines by a rule as the assembler does, but without its limits by time and size: the shortest implementation of what <see cref="LineRole"/> says.
/// </summary>
internal sealed class GroupDriver(GroupRule rule)
{
    private const int MaxUndecided = 16;

    private readonly List<byte[][]> _records = [];
    private readonly List<byte[]> _group = [];
    private readonly List<byte[]> _undecided = [];
    private OutputMemory _memory;
    private GroupState _state;
    private GroupState _joinedState;

    /// <summary>What the rule has learned.</summary>
    public OutputMemory Memory => _memory;

    /// <summary>The roles of the lines, in the order in which they were classified.</summary>
    public List<LineRole> Roles { get; } = [];

    /// <summary>Returns the records of a text.</summary>
    public static List<string> Join(GroupRule rule, string text) => new GroupDriver(rule).Add(text);

    /// <summary>Joins the lines of a text, and ends the last group.</summary>
    /// <returns>The records of the text.</returns>
    public List<string> Add(string text)
    {
        List<byte[][]> records = Add(text.Split('\n').Select(Encoding.UTF8.GetBytes));
        return [.. records.Select(lines => string.Join('\n', lines.Select(Encoding.UTF8.GetString)))];
    }

    /// <summary>Joins lines, and ends the last group.</summary>
    public List<byte[][]> Add(IEnumerable<byte[]> lines)
    {
        int before = _records.Count;
        foreach (byte[] line in lines)
        {
            Add(line);
        }

        while (_group.Count > 0)
        {
            EndGroup();
        }

        return _records[before..];
    }

    private void Add(byte[] line)
    {
        GroupState state = _group.Count > 0 ? _state : default;
        LineRole role = rule.Classify(line, ref state, in _memory);
        Roles.Add(role);
        Assert.True(_group.Count > 0 || role is LineRole.Single or LineRole.Begin, $"{role} without a group");
        if (role is LineRole.Join or LineRole.JoinCause)
        {
            _group.AddRange([.. _undecided, line]);
            _undecided.Clear();
            _state = _joinedState = state;
        }
        else if (role == LineRole.Undecided && _undecided.Count < MaxUndecided)
        {
            _undecided.Add(line);
            _state = state;
        }
        else if (_group.Count > 0)
        {
            EndGroup();
            Add(line);
        }
        else if (role == LineRole.Single)
        {
            rule.Learn(in state, 1, ref _memory);
            _records.Add([line]);
        }
        else
        {
            _group.Add(line);
            _state = _joinedState = state;
        }
    }

    /// <summary>Ends the group before the undecided lines, and classifies these anew.</summary>
    private void EndGroup()
    {
        rule.Learn(in _joinedState, _group.Count, ref _memory);
        _records.Add([.. _group]);
        _group.Clear();
        byte[][] undecided = [.. _undecided];
        _undecided.Clear();
        foreach (byte[] line in undecided)
        {
            Add(line);
        }
    }
}
