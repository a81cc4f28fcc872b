using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A key with a list of words: the names of an enumeration in lower case.</summary>
internal sealed class ChoiceListKey<T, TEnum>(string name, string description, ChoiceKind<TEnum> kind, Func<T, IEnumerable<TEnum>> get, Action<T, List<TEnum>> set)
    : ListKey<T, TEnum>(name, description, get, set)
    where TEnum : struct, Enum
{
    protected override bool TryParse(string text, out TEnum item, out string? problem)
    {
        problem = kind.TryParse(text, out item, out _) ? null : $"is not one of {string.Join(", ", kind.Words)}";
        return problem is null;
    }

    protected override string Format(TEnum item) => kind.Format(item);

    protected override JsonObject DescribeItem() => kind.Describe();
}
