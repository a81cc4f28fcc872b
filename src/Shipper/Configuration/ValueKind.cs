using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>How one kind of value is read, checked, written and described.</summary>
internal abstract class ValueKind<TValue>
{
    /// <summary>What must stand there, as in "a duration such as 500ms, 10s or 1h".</summary>
    public abstract string Expected { get; }

    /// <summary>True for free text, which is written in quotes if it is empty.</summary>
    public virtual bool IsText => false;

    /// <summary>Reads a value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The value.</param>
    /// <param name="problem">What must stand there instead, if that is more than <see cref="Expected"/> says.</param>
    public abstract bool TryParse(string text, out TValue value, out string? problem);

    public abstract string Format(TValue value);

    /// <summary>A wrong value without what may be secret in it, for a message.</summary>
    public virtual string Mask(string text) => text;

    public abstract JsonObject Describe();

    /// <summary>The value in the schema.</summary>
    public virtual JsonNode? ToJson(TValue value) => JsonValue.Create(Format(value));
}
