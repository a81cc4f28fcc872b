using System.Text.Json.Serialization;

namespace Shipper.Processing;

/// <summary>The rules of a stream in the form in which a checkpoint stores them, as JSON.</summary>
internal sealed class StoredRules
{
    /// <summary>The options for lines of stdout, and of logs that have one output.</summary>
    public ProcessingOptions Stdout { get; set; } = new();

    /// <summary>The options for lines of stderr; null if they are the same.</summary>
    public ProcessingOptions? Stderr { get; set; }
}

/// <summary>Reads and writes <see cref="StoredRules"/>. Unknown keys are ignored: a newer version may have written them.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredRules))]
internal sealed partial class StoredRulesJson : JsonSerializerContext;
