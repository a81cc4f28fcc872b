using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>Reads, checks, writes and describes one kind of value.</summary>
internal abstract class ValueKind<TValue>
{
    /// <summary>The expected value, for messages, such as "a duration such as 500ms, 10s or 1h".</summary>
    public abstract string Expected { get; }

    /// <summary>True for free text, which must be written in quotes if it is empty.</summary>
    public virtual bool IsText => false;

    /// <summary>Parses and checks a value.</summary>
    /// <param name="text">The text in the file.</param>
    /// <param name="value">The parsed value.</param>
    /// <param name="problem">What is expected instead, if that is more specific than <see cref="Expected"/>; else null.</param>
    public abstract bool TryParse(string text, out TValue value, out string? problem);

    public abstract string Format(TValue value);

    /// <summary>Removes what may be secret from an invalid value, for a message.</summary>
    public virtual string Mask(string text) => text;

    /// <summary>Describes the values as JSON Schema.</summary>
    public abstract JsonObject Describe();

    /// <summary>Converts a value to its form in the schema.</summary>
    public virtual JsonNode? ToJson(TValue value) => JsonValue.Create(Format(value));
}
