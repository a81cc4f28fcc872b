using System.Text;
using Shipper.Processing.Fields;

namespace Shipper.Processing.Redaction;

/// <summary>
/// The fields (<see cref="FieldsStage"/>) whose name or path says that the value is a secret: <c>{key: headers.x-api-key}</c>. Immutable.
/// </summary>
internal sealed class SecretFields
{
    private readonly (byte[] Name, KeyKind Kind)[] _fields;

    /// <param name="fields">Names of structured metadata, and the paths of their values.</param>
    public SecretFields(IEnumerable<KeyValuePair<string, string>> fields)
    {
        KeyValuePair<string, string>[] secret =
            [.. fields.Where(IsSecret).OrderBy(field => field.Key, StringComparer.Ordinal)];
        _fields = [.. secret.Select(field => (Encoding.UTF8.GetBytes(field.Key), KindOf(field.Value)))];
        Text = string.Join('\n', secret.Select(field => $"{field.Key}\n{field.Value}"));
    }

    /// <summary>True if there are none.</summary>
    public bool IsEmpty => _fields.Length == 0;

    /// <summary>The fields as a text that is the same for the same fields.</summary>
    public string Text { get; }

    /// <summary>Returns what the path of a field says about its value.</summary>
    /// <param name="name">Name of structured metadata.</param>
    public KeyKind KindOf(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] field, KeyKind kind) in _fields)
        {
            if (name.SequenceEqual(field))
            {
                return kind;
            }
        }

        return KeyKind.None;
    }

    private static bool IsSecret(KeyValuePair<string, string> field) =>
        KindOf(field.Value) != KeyKind.None || KeyNames.KindOf(Encoding.UTF8.GetBytes(field.Key)) != KeyKind.None;

    /// <summary>Returns what a path says. A key of it counts, too, if its value is an object: <c>password.value</c>.</summary>
    private static KeyKind KindOf(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        for (int end = bytes.Length; end > 0; end = bytes.AsSpan(0, end).LastIndexOf((byte)'.'))
        {
            if (KeyNames.KindOf(bytes.AsSpan(0, end)) is var kind and not KeyKind.None)
            {
                return kind;
            }
        }

        return KeyKind.None;
    }
}
