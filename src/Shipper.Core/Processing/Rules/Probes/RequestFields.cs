using System.Runtime.CompilerServices;
using Shipper.Processing.Ansi;
using Shipper.Processing.Fields;

namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// Reads the fields of a request from JSON and logfmt (<see cref="RequestKeys"/>). A key counts wherever it is in the document. Case, <c>_</c>, <c>-</c> and
/// <c>.</c> make no difference, so <c>http.response.status_code</c> and <c>httpResponseStatusCode</c> are one key.
/// </summary>
internal static class RequestFields
{
    private const int MaxKeyBytes = 48;

    // Longer values with escapes are cut, so they are not the path of a probe.
    private const int MaxEscapedBytes = 1024;

    /// <summary>Reads a JSON object.</summary>
    [SkipLocalsInit]
    public static void ReadJson(ReadOnlySpan<byte> text, ref RequestFacts facts)
    {
        Span<byte> scratch = stackalloc byte[MaxEscapedBytes];
        var message = default(FieldValue);
        var scanner = new JsonScanner(text);
        while (scanner.Read())
        {
            RequestField field = Classify(scanner.Key);
            var value = new FieldValue(scanner.Kind, scanner.ValueStart, scanner.Value.Length, scanner.IsValueEscaped);
            if (scanner.Kind is JsonKind.Object)
            {
                Add(field is RequestField.Error ? field : RequestField.None, "{"u8, ref facts);
                scanner.Enter();
            }
            else if (scanner.Kind is JsonKind.Array)
            {
                // Caddy and Kong write each header as an array.
                scanner.Skip();
                Add(field is RequestField.Agent ? field : RequestField.None, scanner.Value.TrimStart("[ \""u8), ref facts);
            }
            else if (field is RequestField.Message)
            {
                message = value;
            }
            else
            {
                Add(field, value.Read(text, scratch), ref facts);
            }
        }

        if (!facts.HasStatus || !facts.HasTarget)
        {
            RequestText.Read(message.Read(text, scratch), ref facts);
        }
    }

    /// <summary>Reads a line in logfmt, or pairs in any other line.</summary>
    [SkipLocalsInit]
    public static void ReadLogfmt(ReadOnlySpan<byte> text, ref RequestFacts facts)
    {
        Span<byte> scratch = stackalloc byte[MaxEscapedBytes];
        var scanner = new LogfmtScanner(text, hasSequences: text.Contains(AnsiText.Escape));
        while (scanner.Read())
        {
            // Rust's tracing writes "request{method=GET uri=/healthz}".
            ReadOnlySpan<byte> key = scanner.Key;
            ReadOnlySpan<byte> value = scanner.IsValueEscaped ? scratch[..JsonText.Unescape(scanner.Value, scratch)] : scanner.Value;
            Add(Classify(key[(key.LastIndexOf((byte)'{') + 1)..]), value, ref facts);
        }
    }

    private static void Add(RequestField field, ReadOnlySpan<byte> value, ref RequestFacts facts)
    {
        switch (field)
        {
            case RequestField.Status:
                facts.AddStatus(value);
                break;
            case RequestField.Target:
                facts.AddTarget(value);
                break;
            case RequestField.Request when !facts.AddTarget(value):
                RequestText.Read(value, ref facts);
                break;
            case RequestField.Method:
                facts.AddMethod(value);
                break;
            case RequestField.Agent:
                facts.AddAgent(value);
                break;
            case RequestField.Original when !facts.AddTarget(value):
                facts.AddAgent(value);
                break;
            case RequestField.Error:
                facts.AddError(value);
                break;
            default:
                break;
        }
    }

    [SkipLocalsInit]
    private static RequestField Classify(ReadOnlySpan<byte> key)
    {
        Span<byte> plain = stackalloc byte[MaxKeyBytes];
        int length = 0;
        foreach (byte value in key)
        {
            if (value is (byte)'_' or (byte)'-' or (byte)'.')
            {
                continue;
            }

            if (length == MaxKeyBytes)
            {
                return RequestField.None;
            }

            plain[length++] = value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
        }

        return RequestKeys.Classify(plain[..length]);
    }
}
